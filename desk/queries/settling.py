"""What waits for the cashier after services were used, slips, and who gave what to whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from members.models import Patient
from rewards.models import Settlement, Use
from rewards.queries.uses import waiting_uses, waiting_uses_of
from staff.rules import business_day

SHOWN_AT_MOST = 200
OF_A_PATIENT = 20
_JOINED = ("item", "beneficiary__merged_into", "membership__patient__merged_into")
# Joined as well, PostgreSQL would think longer about the statement than all the others take.
_FETCHED = ("doctor__department", "bearer_doctor", "settlement", "by", "undoing__by")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one person used and is not settled; `today` when some of it was used today."""

    patient: Patient
    uses: tuple[Use, ...]
    today: bool

    @property
    def list_price(self) -> Decimal:
        """Yuan in all by the price list."""
        return _sum(use.list_price for use in self.uses)


@dataclass(frozen=True, slots=True)
class ToSettle:
    """Who waits for the cashier, today's first; `cut` when there are more than are shown."""

    rows: tuple[Waiting, ...]
    cut: bool


def to_settle(*, today: date) -> ToSettle:
    """What was used and is not settled, by person; one statement."""
    uses = list(_full(waiting_uses()).order_by("-used_at", "-pk")[: SHOWN_AT_MOST + 1])
    by_person: dict[int, list[Use]] = {}
    for use in uses[:SHOWN_AT_MOST]:
        by_person.setdefault(use.beneficiary.root_id, []).append(use)
    rows = [_waiting(found, today) for found in by_person.values()]
    rows.sort(key=lambda row: not row.today)
    return ToSettle(tuple(rows), len(uses) > SHOWN_AT_MOST)


def waiting_of(patient: Patient) -> Waiting:
    """What this person used and is not settled, the oldest first."""
    uses = _full(waiting_uses_of(patient.pk)).order_by("used_at", "pk")
    return Waiting(patient, tuple(uses), False)


@dataclass(frozen=True, slots=True)
class Slip:
    """A settlement slip (结算单): its uses with those that were undone later, marked."""

    settlement: Settlement
    patient: Patient
    uses: tuple[Use, ...]

    @property
    def counted(self) -> tuple[Use, ...]:
        """The uses that still count."""
        return tuple(use for use in self.uses if not use.voided)

    @property
    def list_price(self) -> Decimal:
        """Yuan in all by the price list, without what was undone."""
        return _sum(use.list_price for use in self.counted)

    @property
    def waived(self) -> Decimal:
        """Yuan waived in all, without what was undone."""
        return _sum(use.waived for use in self.counted)

    @property
    def payable(self) -> Decimal:
        """Yuan to be paid."""
        return self.list_price - self.waived

    @property
    def fee_waived(self) -> bool:
        """Whether a new patient paid no registration fee (R18)."""
        return any(use.fee_waived for use in self.counted)


def slip(pk: int) -> Slip:
    """A settlement with its uses. Raises Settlement.DoesNotExist."""
    found = Settlement.objects.select_related("beneficiary__merged_into", "by").get(pk=pk)
    uses = _full(found.uses.all()).order_by("used_at", "pk")
    patient = found.beneficiary.merged_into or found.beneficiary
    return Slip(found, patient, tuple(uses))


@dataclass(frozen=True, slots=True)
class Services:
    """What a person used, was given and gave away, the newest first.

    `host` is the VIP whose guest this person is (R35), by the use that made it so; `waiting`
    counts what the cashier has still to settle.
    """

    uses: tuple[Use, ...]
    host: Use | None
    waiting: int
    is_today: bool
    cut: bool


def services_of(patient: Patient, *, today: date) -> Services:
    """What was used by a person or given away by them, merged files included."""
    own = Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk)).values("pk")
    received = _newest(Use.objects.filter(beneficiary__in=own))
    given = _newest(Use.objects.filter(membership__patient__in=own))
    every = {use.pk: use for use in (*received, *given)}
    uses = sorted(every.values(), key=lambda use: (use.used_at, use.pk), reverse=True)
    live = [use for use in received if not use.voided]
    host = next((use for use in live if use.as_vip), None)
    return Services(
        uses=tuple(uses[:OF_A_PATIENT]),
        host=host,
        waiting=sum(use.settlement_id is None and use.imported_in_id is None for use in live),
        is_today=host is not None and business_day(host.used_at) == today,
        cut=len(uses) > OF_A_PATIENT,
    )


def _waiting(uses: Sequence[Use], today: date) -> Waiting:
    first = uses[0].beneficiary
    is_today = any(business_day(use.used_at) == today for use in uses)
    return Waiting(first.merged_into or first, tuple(uses), is_today)


def _newest(uses: QuerySet[Use]) -> list[Use]:
    return list(_full(uses).order_by("-used_at", "-pk")[: OF_A_PATIENT + 1])


def _full(uses: QuerySet[Use]) -> QuerySet[Use]:
    return uses.select_related(*_JOINED).prefetch_related(*_FETCHED)


def _sum(yuan: Iterable[Decimal | None]) -> Decimal:
    return sum((each for each in yuan if each is not None), Decimal(0))

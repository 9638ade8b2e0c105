"""What members have, claimed and used, through the real operations."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from members.models import Household, HouseholdPerson, Membership, Patient
from rewards.models import Claim, Simulation, Use
from rewards.operations.simulation import advance_simulation, begin_simulation
from rewards.operations.uses import NewUse, Piece, use_services
from rewards.rules import Key
from rewards.rules.proof import Proof
from scheme.models import Item, Scheme
from staff.models import Department, Doctor, User
from staff.rules import business_day

_numbers = count(1)

ON_PAPER = Proof(slip_number="P0001")


def priced(code: str, list_price: str = "300", cost_price: str | None = None) -> Item:
    """An item with its price in the list, in yuan."""
    cost = Decimal(cost_price) if cost_price else None
    Item.objects.filter(code=code).update(list_price=Decimal(list_price), cost_price=cost)
    return Item.objects.get(code=code)


def doctor(department: str = "口腔科", *, number: str = "", **given: Any) -> Doctor:
    """A doctor of a department."""
    number = number or f"D{next(_numbers):04d}"
    place = Department.objects.get_or_create(name=department)[0]
    return Doctor.objects.create(
        staff_number=number, **{"name": f"医生{number}", "department": place, **given}
    )


def this_year(code: str, ordinal: int = 1, child: Patient | None = None) -> Key:
    """The key of a yearly service of today's year."""
    return (code, str(business_day(timezone.now()).year), ordinal, child.pk if child else None)


def used(membership: Membership, key: Key, beneficiary: Patient | None = None, **given: Any) -> Use:
    """A service used up by a person, the member unless told."""
    new: dict[str, Any] = {"doctor": given.pop("doctor", None) or doctor(), "proof": ON_PAPER}
    made = use_services(
        membership=membership,
        beneficiary=beneficiary or membership.patient,
        new=NewUse([Piece(key, given.pop("tooth", ""))], **new | given),
        by=User.objects.system(),
        now=timezone.now(),
    )
    return made[0]


def claimed(membership: Membership, key: Key, *, code: str = "") -> Claim:
    """A service collected: on a card with this number, or noted in the e-file."""
    item, period, ordinal, child = key
    return Claim.objects.create(
        membership=membership,
        item=Item.objects.get(code=item),
        period=period,
        ordinal=ordinal,
        child_id=child,
        delivery="card" if code else "electronic",
        code=code or None,
        slip_number="P0001",
        claimed_at=timezone.now(),
        by=User.objects.system(),
    )


def family(adult: Patient, *children: Patient) -> Household:
    """A household with an adult and children."""
    by, now = User.objects.system(), timezone.now()
    home = Household.objects.create(made_at=now, made_by=by)
    for person in (adult, *children):
        HouseholdPerson.objects.create(
            household=home,
            patient=person,
            is_child=person is not adult,
            relation="本人" if person is adult else "子女",
            document_seen="birth_certificate",
            joined_at=now,
            by=by,
        )
    return home


def simulated(
    scheme: Scheme,
    beside: Scheme | None = None,
    since: date = date(2000, 1, 1),
    until: date | None = None,
) -> Simulation:
    """A simulation of a draft that was worked off to its end; over all receipts unless told."""
    now = timezone.now()
    found = begin_simulation(
        draft=scheme,
        beside=beside,
        from_on=since,
        to_on=until or business_day(now),
        by=User.objects.system(),
        now=now,
    )
    while found.finished_at is None:
        found = advance_simulation(simulation_id=found.pk, now=now)
    return found

"""Books of rewards, filled through the real operations, for attacks, tampering and checks."""

from datetime import timedelta

from django.utils import timezone

from members.models import Membership
from points.queries import broken_rows as broken_points
from rewards.models import Claim, Issue, Redemption, SimulatedMove, Simulation, Undoing, Use
from rewards.operations.claims import claim_services
from rewards.operations.gift_changes import decide_change, request_change
from rewards.operations.issuing import issue_gifts
from rewards.operations.putting_off import put_off
from rewards.operations.redemption import cancel, redeem
from rewards.operations.settling import settle
from rewards.operations.undoing import undo
from rewards.queries import broken_rows
from rewards.rules import Key
from rewards.rules.proof import Proof
from rewards.rules.redemption import NewRedemption, Shown
from scheme.models import Item, Scheme
from scheme.queries import read_rules
from scheme.rules import canonical_text
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.rewards import claimed, family, this_year, used
from tests.factories.scheme import draft, published
from tests.factories.staff import user

ON_PAPER = Proof(slip_number="P0001")
BY_DOCUMENT = Shown("document", document="resident_id")


def filled() -> None:
    """V is a VIP, M a diamond member with the child K, O an ordinary one, G a guest of V.

    V has issued gifts (one exchanged, one a mistake undone), a used claim that is settled, a
    stopped one, a live card, a use given to G, points spent on two teeth, one of them used, and a
    redemption taken back. M's child used its item; M bought a gift and took it. A draft was
    simulated once to the end, once not.
    """
    published("qujing_dental_both", effective_from="2013-10-01")
    fill()


def fill() -> None:
    """What `filled` says, under whatever rules are in force."""
    Item.objects.update(list_price=300, cost_price=100)
    vip = member(patient("V"), "1000")
    receipt(vip.patient, "12000", number="V1")
    diamond = member(patient("M"), "20000")
    member(patient("O"), "1000")
    gifts(vip)
    services(vip, diamond)
    points(vip, diamond)
    simulations(vip)


def issued(membership: Membership, *keys: Key, changes: tuple[int, ...] = ()) -> Issue:
    return issue_gifts(
        membership=membership,
        keys=keys,
        proof=ON_PAPER,
        by=User.objects.system(),
        now=timezone.now(),
        changes=changes,
    )[0]


def undone(kind: Undoing.Kind = Undoing.Kind.MISTAKE, **fact: Issue | Claim | Use) -> Undoing:
    now, by = timezone.now(), User.objects.system()
    return undo(kind=kind, reason="登记错了", by=by, now=now, **fact)  # type: ignore[arg-type]


def gifts(vip: Membership) -> None:
    due: Key = ("gift_10", "once:ordinary", 1, None)
    undone(issue=issued(vip, due))
    issued(vip, due)
    other: Key = ("gift_100", "once:vip", 1, None)
    now = timezone.now()
    change = request_change(
        membership=vip, key=other, other="gift_50", reason="更想要", by=user(), now=now
    )
    decide_change(change_id=change.pk, approve=True, sentence="同意", by=user(), now=now)
    issued(vip, other, changes=(change.pk,))


def services(vip: Membership, diamond: Membership) -> None:
    system, now = User.objects.system(), timezone.now()
    first = this_year("ultrasonic_scaling")
    put_off(membership=vip, keys=[first], reason="赶时间", by=system, now=now)
    facial: Key = ("facial_care", "once:vip", 1, None)
    claim_services(membership=vip, keys=[facial], proof=ON_PAPER, by=system, now=now)
    use = used(vip, facial)
    settle(patient=vip.patient, use_ids=[use.pk], by=system, now=timezone.now())
    used(vip, first, patient("G"))
    second = this_year("ultrasonic_scaling", 2)
    undone(Undoing.Kind.LOST, claim=claimed(vip, second, code="700000000011"))
    undone(use=used(vip, second))
    claimed(vip, ("herbal_therapy", "once:vip", 1, None), code="700000000022")
    born = business_day(now).replace(day=1, month=1) - timedelta(days=6 * 366)
    child = patient("K", birth_date=born.isoformat())
    family(diamond.patient, child)
    used(diamond, this_year("child_anti_caries", child=child), child)


def points(vip: Membership, diamond: Membership) -> None:
    sealed = bought(vip, "fissure_sealant", 2, teeth=("16", "26"))
    used(vip, ("fissure_sealant", f"redemption:{sealed.pk}", 1, None), tooth="16")
    given_back = bought(vip, "facial_care")
    now = timezone.now()
    cancel(number=given_back.number, reason="不做了", by=User.objects.system(), now=now)
    gift = bought(diamond, "gift_10")
    issued(diamond, ("gift_10", f"redemption:{gift.pk}", 1, None))
    bought(diamond, "herbal_therapy")


def bought(
    membership: Membership,
    item: str,
    quantity: int = 1,
    *,
    teeth: tuple[str, ...] = (),
) -> Redemption:
    new = NewRedemption(membership.number, item, quantity, teeth)
    by, now = User.objects.system(), timezone.now()
    return redeem(new=new, shown=BY_DOCUMENT, by=by, now=now).redemption


def simulations(vip: Membership) -> None:
    version = draft("qujing_dental_both", effective_from="2030-01-01")
    content = canonical_text(read_rules(version))
    now = timezone.now()
    for finished in (False, True):
        simulation = Simulation.objects.create(
            draft=version,
            draft_content=content,
            beside=Scheme.objects.published().latest("effective_from"),
            from_on=business_day(now) - timedelta(days=30),
            to_on=business_day(now),
            total=3,
            done=3 if finished else 0,
            requested_at=now,
            requested_by=User.objects.system(),
            finished_at=now if finished else None,
            result={} if finished else None,
        )
        SimulatedMove.objects.create(
            simulation=simulation, membership=vip, was="vip", becomes="diamond"
        )


def in_order() -> None:
    """Assert that neither the rewards nor the points say anything against the books."""
    said = [*broken_rows(), *broken_points()]
    assert not said, said

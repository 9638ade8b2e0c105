"""Every page for everybody: no barrier that axe finds, nothing the policy stops, no sideways."""

from typing import Any, Literal

import pytest
from django.utils import timezone

from members.models import Card, FileMerge, Membership, Patient
from members.rules import service_card_number
from points.models import Receipt, Refund
from rewards.models import Issue
from rewards.operations.gift_changes import request_change
from rewards.operations.issuing import issue_gifts
from rewards.operations.settling import settle
from rewards.rules.proof import Proof
from scheme.operations.publishing import request_publication
from staff.models import Approval, User
from tests.browser.conftest import PASSWORD, Desk
from tests.factories.members import patient
from tests.factories.merging import asked_merge, asked_undo, merged
from tests.factories.points import legacy, member, receipt, refund
from tests.factories.rewards import claimed, family, priced, simulated, this_year, used
from tests.factories.scheme import draft
from tests.factories.staff import user

pytestmark = pytest.mark.browser

# In the dark a page has the same elements in other colours.
RULES: dict[Literal["light", "dark"], list[str]] = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "dark": ["color-contrast", "link-in-text-block"],
}


@pytest.fixture
def history(hospital: None) -> dict[str, Patient]:
    """Someone who can join, a member under review, one at the top, files merged and asked for."""
    joining = patient("V1", name="可入", phone="13887431234", sex="female", birth_date="1990-01-01")
    receipt(joining, "1500", number="S1")
    reviewed = patient("V2")
    _issue(member(reviewed, "5000", name="可复"))
    refund(receipt(reviewed, "9000", number="S2").receipt_number, "9000", number="T2")
    top = patient("V3")
    # A word of fifty letters must not push a page sideways.
    _exchange(member(top, "20000", name="可敬" + "W" * 48))
    alike: dict[str, Any] = {"birth_date": "1985-03-12", "phone": "13987451234"}
    twins = [patient(f"V{place}", name="可分", **alike) for place in (4, 5, 6, 7)]
    asked_undo(merged(twins[0], twins[1]))
    asked_merge(twins[0], twins[2])
    legacy((twins[3], 21000))
    doubled = {"merged": twins[0], "asked": twins[2], "other": twins[3]}
    return doubled | {"joining": joining, "reviewed": reviewed, "top": top}


def _issue(member_now: Membership) -> None:
    issue_gifts(
        membership=member_now,
        keys=[("gift_50", "once:senior", 1, None)],
        proof=Proof(slip_number="L-0001"),
        by=user("收费"),
        now=timezone.now(),
    )


def _exchange(member_now: Membership) -> None:
    request_change(
        membership=member_now,
        key=("gift_200", "once:diamond", 1, None),
        other="gift_100",
        reason="已有同款",
        by=user("收费"),
        now=timezone.now(),
    )


def _gifts(history: dict[str, Patient]) -> list[str]:
    member_pages = [f"/patients/{history['top'].pk}/{page}/" for page in ("put-off", "gift-change")]
    return [*member_pages, f"/issues/{Issue.objects.get().pk}/undo/"]


def _cards_and_joining(history: dict[str, Patient]) -> list[str]:
    card = f"/cards/{Card.objects.get(membership__patient=history['top']).pk}/"
    asked = f"/joining/{history['joining'].pk}/"
    one_card = [card, f"{card}replace/", f"{card}phone/", f"{card}print/"]
    return [*one_card, "/joining/", "/joining/?tab=declined", asked, "/unclaimed/?tab=services"]


def _services(history: dict[str, Patient]) -> list[str]:
    """A service to be used and given away, one to be settled, one on a slip."""
    top = Card.objects.get(membership__patient=history["top"]).membership
    priced("air_polishing")
    waiting, done = (used(top, this_year("air_polishing", nth)) for nth in (1, 2))
    slip = settle(patient=top.patient, use_ids=[done.pk], by=user(), now=timezone.now())
    key = f"item=facial_care&period={timezone.localdate().year}&ordinal=1&child="
    use = f"/patients/{top.patient_id}/use/?{key}&to="
    return [
        *(f"{use}{to}" for to in ("", "other", "new", history["joining"].pk)),
        f"/patients/{top.patient_id}/use/?{key.replace('facial_care', 'air_polishing')}",
        f"/uses/{waiting.pk}/undo/",
        "/settlements/",
        f"/settlements/{slip.pk}/",
        f"/patients/{top.patient_id}/settle/",
    ]


def _household(history: dict[str, Patient]) -> list[str]:
    """A child in a household, somebody to be added, a service card, one that was noted."""
    top = Card.objects.get(membership__patient=history["top"]).membership
    family(top.patient, child := patient("V8", name="可爱" + "W" * 48, birth_date="2022-05-01"))
    card = claimed(top, this_year("herbal_therapy"), code=service_card_number(1))
    note = claimed(top, this_year("child_anti_caries", child=child))
    home = f"/patients/{top.patient_id}/household/"
    person = child.households.get().pk
    return [
        *(f"{home}{page}" for page in ("", "new/", f"add/?file={history['joining'].pk}")),
        f"{home}{person}/leave/",
        f"/patients/{child.pk}/household/",
        f"/patients/{top.patient_id}/claim/",
        *(f"/claims/{card.pk}/{page}" for page in ("", "print/", "stop/")),
        f"/claims/{note.pk}/",
        f"/claims/{note.pk}/stop/",
    ]


def _merging(history: dict[str, Patient]) -> list[str]:
    merged_file, asked, other = (history[name].pk for name in ("merged", "asked", "other"))
    merge = FileMerge.objects.live().get().pk
    return [
        "/merging/",
        "/merging/?one=V1&other=",
        f"/merging/files/{merged_file}/{other}/",
        f"/merging/files/{merged_file}/{asked}/",
        f"/merging/files/{merged_file}/{other}/distinct/",
        f"/merging/{merge}/undo/",
        f"/merging/{merge}/ledger/",
        f"/patients/{merged_file}/",
    ]


def _drafts() -> list[str]:
    """A draft to edit, and one that waits for a manager."""
    asked = draft(effective_from="2999-02-01")
    request_publication(draft_id=asked.pk, by=user("市场部"), now=timezone.now())
    one = f"/scheme/drafts/{draft(effective_from='2999-01-01').pk}/"
    parts = ("", "settings/", "tiers/", "tiers/4/", "catalogue/", "gifts/", "compare/", "delete/")
    pages = ["/scheme/drafts/", "/scheme/drafts/new/", "/scheme/items/", "/scheme/items/new/"]
    pages += ["/simulations/", "/simulations/new/", f"/simulations/{simulated(asked).pk}/"]
    return [*pages, f"/scheme/drafts/{asked.pk}/", *(f"{one}{part}" for part in parts)]


def paths(history: dict[str, Patient]) -> list[str]:
    joining, reviewed = history["joining"].pk, history["reviewed"].pk
    paid = Receipt.objects.get(number="S2").pk
    return [
        "/",
        "/till/",
        "/password/",
        "/patients/",
        "/patients/?q=可",
        "/patients/?q=没有",
        "/patients/new/",
        f"/patients/{joining}/",
        f"/patients/{reviewed}/",
        f"/patients/{history['top'].pk}/",
        f"/patients/{joining}/pay/",
        f"/patients/{joining}/enrol/",
        f"/receipts/{Receipt.objects.get(number='S1').pk}/",
        f"/receipts/{paid}/?again=1",
        f"/receipts/{paid}/correct/",
        f"/receipts/{paid}/void/",
        f"/refunds/{Refund.objects.get().pk}/void/",
        *_services(history),
        *_household(history),
        *_cards_and_joining(history),
        *_gifts(history),
        "/oversight/",
        "/receipts/",
        "/receipts/?day=x",
        "/scheme/",
        *_drafts(),
        "/approvals/",
        *(f"/approvals/{request.pk}/" for request in Approval.objects.order_by("pk")),
        *_merging(history),
        f"/patients/{reviewed}/change/",
        f"/patients/{reviewed}/form/",
        "/patients/form/",
        "/components/",
        "/accesses/",
        "/exports/",
        "/exports/members/",
        f"/patients/{reviewed}/reveal/?what=phone",
        "/imports/",
        "/imports/new/",
        "/staff/designations/",
        "/staff/designations/new/",
        "/nowhere/",
    ]


def barriers(desk: Desk, axe: str) -> list[str]:
    """What axe finds on the page in light and in dark, as "page rule: element"."""
    found: list[str] = []
    for theme, rules in RULES.items():
        desk.page.emulate_media(color_scheme=theme)
        result: Any = desk.page.evaluate(axe, {"theme": theme, "rules": rules})
        found += [
            f"{desk.page.url} {theme} {violation['id']}: {node['html'][:200]}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
    return found


def wider_than_the_window(desk: Desk) -> bool:
    return bool(desk.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def torn_numbers(desk: Desk) -> list[str]:
    """Numbers in lists that take more than one line."""
    torn: list[str] = desk.page.evaluate(
        """() => [...document.querySelectorAll(".table .number, .table .text-end")]
            .filter((cell) => cell.childElementCount === 0)
            .filter((cell) => {
                const text = document.createRange();
                text.selectNodeContents(cell);
                return new Set([...text.getClientRects()].map((line) => line.top)).size > 1;
            })
            .map((cell) => cell.textContent.trim())"""
    )
    return torn


def faults_on_a_tablet(desk: Desk) -> list[str]:
    """What is too wide or torn apart at 768 px."""
    desk.page.set_viewport_size({"width": 768, "height": 1024})
    found = [f"{desk.page.url} tears {number}" for number in torn_numbers(desk)]
    if wider_than_the_window(desk):
        found.append(f"{desk.page.url} scrolls sideways")
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    return found


@pytest.mark.parametrize("first", [0, 1], ids=["one half", "the other half"])
def test_no_page_has_a_barrier_a_stopped_script_or_a_sideways_scroll(
    desk: Desk, history: dict[str, Patient], axe: str, first: int
) -> None:
    colleague = user("收费", "前台", "市场部", "总经理", password=PASSWORD)
    desk.log_in(colleague)
    found = []
    for path in paths(history)[first::2]:
        desk.open(path)
        found += barriers(desk, axe) + faults_on_a_tablet(desk)
    complaints = [line for line in desk.complaints if "404" not in line]
    assert found == []
    assert complaints == []


def test_faulty_forms_are_as_open_as_empty_ones(
    desk: Desk, history: dict[str, Patient], axe: str, at_the_till: User
) -> None:
    desk.log_in(at_the_till)
    found = []
    for path in ("/patients/new/", f"/patients/{history['joining'].pk}/enrol/"):
        desk.open(path)
        desk.type("Ctrl+Enter")
        desk.page.wait_for_selector(".field-error")
        found += barriers(desk, axe)
    assert found == []
    assert desk.complaints == []


def test_the_back_office_is_as_open_as_the_desk(desk: Desk, axe: str) -> None:
    desk.log_in(user("系统管理员", password=PASSWORD))
    found = []
    for path in ("/", "/admin/", "/admin/staff/user/", "/admin/staff/user/add/"):
        desk.open(path)
        found += barriers(desk, axe)
    assert found == []

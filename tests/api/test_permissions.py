import pytest

from api.app import api
from api.auth import Token
from scheme.models import Scheme
from staff import roles as names
from staff.models import ApiToken, User
from tests.api.client import Caller
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db


def endpoints() -> dict[tuple[str, str], tuple[str, ...]]:
    """The permissions that each endpoint declares, by method and path."""
    found = {}
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                (token,) = operation.auth_callbacks
                assert isinstance(token, Token) and token.permissions, path
                for method in operation.methods:
                    found[method, path.replace("{path:file_number}", "1")] = token.permissions
    return found


def test_every_endpoint_declares_its_permission() -> None:
    assert endpoints() == {
        ("GET", "/patients/1"): ("members.view_patient",),
        ("PUT", "/patients/1"): ("members.add_patient", "members.change_patient"),
        ("GET", "/patients/1/ledger"): ("points.view_pointsentry",),
        ("POST", "/payments"): ("points.add_receipt",),
        ("POST", "/payments/{path:receipt_number}/corrections"): ("points.add_correction",),
        ("POST", "/refunds"): ("points.add_refund",),
        ("POST", "/redemptions"): ("rewards.add_redemption",),
        ("POST", "/redemptions/{path:redemption_number}/cancel"): ("rewards.add_redemptioncancel",),
        ("GET", "/members/{path:membership_number}/entitlements"): ("rewards.view_issue",),
        ("POST", "/members"): ("members.add_membership",),
    }


@pytest.mark.parametrize("role", names.ROLES)
def test_a_token_opens_what_its_role_may_do_and_nothing_else(
    db: None, scheme: Scheme, role: str
) -> None:
    token = caller(role)
    for (method, path), permissions in endpoints().items():
        may = set(permissions) <= names.permissions_of(role)
        answer = token.call(method, path, {})
        if may:
            assert answer.status in (404, 422), (method, path, answer)
        else:
            assert answer.refusal == (403, "forbidden", None)


def test_the_right_is_asked_before_the_body_is_read(db: None) -> None:
    assert caller(names.NURSE).call("POST", "/payments", raw=b"{").status == 403


def test_a_stopped_token_opens_nothing(his: Caller) -> None:
    ApiToken.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert his.see("1").refusal == (401, "unauthenticated", None)


def test_the_token_of_a_user_who_left_opens_nothing(his: Caller) -> None:
    User.objects.filter(username__startswith="api:").update(is_active=False)
    assert his.see("1").refusal == (401, "unauthenticated", None)


def test_a_right_that_was_taken_away_is_gone_at_the_next_request(his: Caller) -> None:
    file_number = his.patient()
    User.objects.get(username__startswith="api:").groups.clear()
    assert his.see(file_number).refusal == (403, "forbidden", None)

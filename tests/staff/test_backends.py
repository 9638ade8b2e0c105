from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from staff import roles as names
from staff.models import User
from staff.operations.people import designate_member_admin
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


def rights(colleague: User) -> set[str]:
    """What the colleague may do at the next request."""
    return User.objects.get(pk=colleague.pk).get_all_permissions()


@pytest.mark.parametrize("role", names.ROLES)
def test_a_colleague_may_do_what_the_role_may(db: None, role: str) -> None:
    colleague = user(role)
    assert rights(colleague) == names.permissions_of(role)


def test_two_roles_add_up_and_none_gives_nothing(db: None) -> None:
    both = names.permissions_of(names.CASHIER) | names.permissions_of(names.SUPERVISOR)
    assert rights(user(names.CASHIER, names.SUPERVISOR)) == both
    assert rights(user()) == set()


def test_who_left_may_do_nothing(db: None) -> None:
    colleague = user(names.CASHIER)
    User.objects.update(is_active=False)
    assert rights(colleague) == set()


@pytest.fixture
def telling_right(db: None) -> str:
    """A right that member administrators have here and the front desk has not."""
    right = Permission.objects.get(codename="use_admin")
    Group.objects.get(name=names.MEMBER_ADMIN).permissions.add(right)
    return "staff.use_admin"


def designated(begins: int, ends: int | None) -> list[User]:
    """A member administrator and the substitute, between these days from today."""
    today = timezone.localdate()
    people = [user(names.FRONT_DESK), user(names.FRONT_DESK)]
    made = designate_member_admin(
        user=people[0],
        substitute=people[1],
        starts_on=today + timedelta(days=begins),
        by=user(names.SUPERVISOR),
    )
    made.ends_on = None if ends is None else today + timedelta(days=ends)
    made.save()
    return people


@pytest.mark.parametrize(
    ("begins", "ends", "running"),
    [(0, 0, True), (-9, None, True), (1, None, False), (-9, -1, False)],
)
def test_a_designation_gives_both_the_rights_of_the_role_while_it_runs(
    telling_right: str, begins: int, ends: int | None, running: bool
) -> None:
    for colleague in designated(begins, ends):
        assert (telling_right in rights(colleague)) is running
    assert telling_right not in rights(user(names.FRONT_DESK))

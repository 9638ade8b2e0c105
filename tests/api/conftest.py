import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from scheme.models import Scheme
from staff import roles as names
from staff.operations.people import create_api_token
from tests.api.client import Caller


@pytest.fixture
def his(scheme: Scheme) -> Caller:
    """The hospital's information system, with its token, under the shipped rules."""
    return his_caller()


def his_caller() -> Caller:
    """The hospital's information system under whatever rules there are."""
    # Its role alone: most tests need no other, and all fifteen take as long as the test.
    group, _ = Group.objects.get_or_create(name=names.HIS)
    codenames = [right.partition(".")[2] for right in names.permissions_of(names.HIS)]
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return caller(names.HIS)


def caller(role: str) -> Caller:
    """A program whose token acts with `role`."""
    return Caller(create_api_token(name=role, role=role, now=timezone.now()))

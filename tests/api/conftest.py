import pytest
from django.utils import timezone

from scheme.models import Scheme
from staff import roles as names
from staff.operations.people import create_api_token
from tests.api.client import Caller


@pytest.fixture
def his(roles: None, scheme: Scheme) -> Caller:
    """The hospital's information system, with its token, under the shipped rules."""
    return caller(names.HIS)


def caller(role: str) -> Caller:
    """A program whose token acts with `role`."""
    return Caller(create_api_token(name=role, role=role, now=timezone.now()))

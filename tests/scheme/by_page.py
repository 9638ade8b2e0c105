"""Drafts by page, begun and filled in as marketing does."""

from datetime import timedelta
from typing import Any

import pytest
from django.forms import BooleanField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scheme.models import Scheme
from staff import roles
from tests.desk.conftest import browser_of
from tests.factories.scheme import published
from tests.factories.staff import user


@pytest.fixture(autouse=True)
def first() -> Scheme:
    return published("qujing_dental_both")


@pytest.fixture
def marketing() -> Client:
    return browser_of(user(roles.MARKETING, name="赵敏"))


@pytest.fixture
def manager() -> Client:
    return browser_of(user(roles.GENERAL_MANAGER, name="钱伟"))


def begun(client: Client, first: Scheme) -> Scheme:
    """A draft that marketing began by the page, to begin in ten days."""
    day = timezone.localdate() + timedelta(days=10)
    given = {"base": first.pk, "title": "新一年", "effective_from": f"{day}"}
    response = client.post(reverse("scheme:draft_new"), given)
    made = Scheme.objects.drafts().get()
    assert response.headers["Location"] == page_of(made)
    return made


def page_of(draft: Scheme, part: str = "draft", *more: int) -> str:
    return reverse(f"scheme:{part}", args=[draft.pk, *more])


def filled(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What the browser would send: the form as it stands, with some fields typed over."""
    context = client.get(address).context
    form = context["form"]
    given = {name: form[name].value() for name in form.fields}
    boxes = [name for name, field in form.fields.items() if isinstance(field, BooleanField)]
    given |= {name: "on" if given[name] else None for name in boxes}
    given["rows"] = getattr(form, "count", "")
    return {key: value for key, value in (given | typed).items() if value is not None}


def saved(client: Client, address: str, **typed: Any) -> Any:
    return client.post(address, filled(client, address, **typed))

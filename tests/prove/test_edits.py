"""Random edits behind the triggers' back, each of which `check_books` must name.

`make prove` tries a thousand. What the books can't know better is listed in `tests.prove.free`;
a whole history rewritten with its hashes is for a seal outside the database.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random, SystemRandom

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from desk.management.commands import check_books
from tests.prove import ground
from tests.prove.edits import Edit, Editor, rows_of, sentences, tables
from tests.prove.free import is_free

PROVE = bool(os.environ.get("PROVE"))
EDITS = 1000 if PROVE else 20
SEED = int(os.environ.get("SEED") or (SystemRandom().randrange(10**9) if PROVE else 1))

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The ground, built once; it is in order before and after."""
    with django_db_blocker.unblock(), transaction.atomic():
        ground.build()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        assert sentences() == []
        yield
        assert sentences() == []
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def unnamed(edits: int) -> list[str]:
    """What of so many random edits no sentence points at."""
    return list(_unnamed(edits))


def _unnamed(edits: int) -> Iterator[str]:
    random = Random(SEED)
    for number in range(edits):
        with undone():
            edit = Editor(random).edit()
            if said := _not_named(edit):
                yield f"SEED={SEED}, edit {number}: {said}"


def _not_named(edit: Edit) -> str:
    try:
        said = sentences()
    except Exception as error:  # Books that stop the check name nothing.
        return f"{edit.said}: the check broke: {error!r}"
    return "" if edit.is_named_by(said) else f"{edit.said}: {said}"


def test_every_edit_is_named(books: None) -> None:
    assert unnamed(EDITS) == []


def test_every_kind_of_row_is_tried(books: None) -> None:
    tried = (model for model in tables() if not is_free(model))
    empty = {model._meta.label for model in tried if not rows_of(model)}
    assert empty <= ground.EMPTY, "give the ground a builder for these"


@pytest.mark.parametrize("left_out", ["broken_points", "broken_schemes", "broken_members"])
def test_control_with_a_check_left_out_an_edit_goes_unnamed(
    books: None, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    monkeypatch.setattr(check_books, left_out, lambda: iter(()))
    assert next(_unnamed(100), None), "everything is named without the check: these tests are void"

"""How a write runs: one transaction, and what the database refuses comes out as a Refusal."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from django.apps import apps
from django.db import DatabaseError, IntegrityError, models, transaction

from staff.exceptions import Refusal

P = ParamSpec("P")
T = TypeVar("T")


def operation(write: Callable[P, T]) -> Callable[P, T]:
    """Run `write` in one transaction; a constraint that it breaks comes out as its Refusal."""

    @wraps(write)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with transaction.atomic():
                return write(*args, **kwargs)
        except IntegrityError as error:
            if refusal := refusal_for(error):
                raise refusal from error
            raise

    return run


def refusal_for(error: DatabaseError) -> Refusal | None:
    """The refusal that a broken constraint or trigger stands for; None if it is neither.

    Constraints carry their sentence in `violation_error_message`; triggers raise with the name
    of their constraint and the sentence as message.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    if diagnosis is None or not name:
        return None
    if constraint := _constraints().get(name):
        status = 422 if isinstance(constraint, models.CheckConstraint) else 409
        return Refusal(name, status, str(constraint.get_violation_error_message()))
    # Only our own RAISE names a constraint without naming a table.
    if diagnosis.table_name is None and diagnosis.message_primary:
        return Refusal(name, 409, diagnosis.message_primary)
    return None


@cache
def _constraints() -> dict[str, models.BaseConstraint]:
    return {
        constraint.name: constraint
        for model in apps.get_models()
        for constraint in model._meta.constraints
    }

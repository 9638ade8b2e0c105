"""The two shapes of constraint that most columns of a scheme have."""

from django.db import models
from django.db.models import Q


def known(name: str, field: str, choices: list[tuple[str, str]]) -> models.CheckConstraint:
    """The column holds one of its choices."""
    labels = "、".join(label for _, label in choices)
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": [value for value, _ in choices]}),
        violation_error_message=f"只能选择：{labels}",
    )


def at_least_one(name: str, message: str, *fields: str) -> models.CheckConstraint:
    """Each of the columns is at least 1, where it is not empty."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__gte": 1})
    return models.CheckConstraint(name=name, condition=condition, violation_error_message=message)

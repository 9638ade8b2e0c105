from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from staff import roles
from staff.guards import broken_guards, broken_history
from staff.models import ApiToken, Approval, Designation, Export, Import, ImportChunk, User
from staff.models.user import SYSTEM_USERNAME
from staff.rules import digest_of
from staff.spreadsheets import Column, Row, fields_of, row_of

_SQL = Path(__file__).parent / "sql"
_GUARDS = ("approval", "import", "export")

# Asked at every request of the API: see `staff.backends`.
_USER_OF_TOKEN = """
SELECT colleague.*
  FROM staff_apitoken token JOIN staff_user colleague ON colleague.id = token.user_id
 WHERE token.digest = %s AND token.revoked_at IS NULL AND colleague.is_active
"""


def user_of_token(token: str) -> User | None:
    """The user that a bearer token acts as; None when unknown, stopped or inactive."""
    return next(iter(User.objects.raw(_USER_OF_TOKEN, [digest_of(token)])), None)


def count_waiting() -> int:
    """How many requests wait for a decision."""
    return Approval.objects.waiting().count()


def waiting_approvals() -> list[Approval]:
    """The inbox, oldest first."""
    waiting = Approval.objects.waiting().select_related("requested_by")
    return list(waiting.order_by("requested_at", "pk"))


def current_designation(day: date) -> Designation | None:
    """Who is 会员管理员 on `day`, with the substitute."""
    return Designation.objects.on(day).select_related("user", "substitute").first()


def roles_of(user: User, day: date) -> list[str]:
    """The names of the roles that the user has on `day`, 会员管理员 by designation included."""
    designated = Designation.objects.on(day).filter(Q(user=user) | Q(substitute=user))
    held = Group.objects.filter(
        Q(user=user) | Q(Exists(designated), name=roles.MEMBER_ADMIN)
    ).distinct()
    names = set(held.values_list("name", flat=True))
    return [role for role in roles.ROLES if role in names]


def front_desk_users() -> models.QuerySet[User]:
    """Colleagues of the front desk who still work here, by name."""
    return User.objects.filter(is_active=True, groups__name=roles.FRONT_DESK).order_by("name", "pk")


def designations() -> list[Designation]:
    """All designations, the latest first."""
    found = Designation.objects.select_related("user", "substitute", "designated_by")
    return list(found.order_by("-starts_on", "-pk"))


def colleagues() -> models.QuerySet[User]:
    """People, without the users that commands and programs act as."""
    return User.objects.filter(apitoken=None).exclude(username=SYSTEM_USERNAME)


def imports() -> models.QuerySet[Import]:
    """All imports, the latest first."""
    return Import.objects.select_related("by", "saved_by").order_by("-created_at", "-pk")


def exports() -> models.QuerySet[Export]:
    """All lists that left the system as files, the latest first."""
    return Export.objects.select_related("by").order_by("-at", "-pk")


def earlier_import(batch: Import) -> Import | None:
    """The last time that exactly this file went in."""
    done = imports().filter(kind=batch.kind, digest=batch.digest, state=Import.State.DONE)
    return done.filter(pk__lt=batch.pk).first()


def rows_of(chunk: ImportChunk, columns: Sequence[Column]) -> list[Row]:
    """The rows of a chunk of a staged file."""
    fields = fields_of(chunk.batch.header, columns)
    found = []
    for number, cells, more in chunk.staged().rows:
        row = row_of(number, cells, fields)
        found.append(Row(row.number, row.cells, {**row.given, **more}, row.overflow))
    return found


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of a staged file that was refused, why, and the field at fault."""

    row: Row
    reason: str
    field: str | None


def refused_rows(batch: Import, columns: Sequence[Column]) -> Iterator[RefusedRow]:
    """The refused rows of a staged file, in the order of the file."""
    for chunk in batch.chunks.filter(refused__gt=0).order_by("number").iterator(chunk_size=10):
        chunk.batch = batch
        refusals, rows = chunk.refusals(), rows_of(chunk, columns)
        for at, (reason, field) in refusals.items():
            yield RefusedRow(rows[at], reason, field)


def broken_rows() -> Iterator[str]:
    """A Chinese sentence per flaw in the staff's books.

    That is a guard, a role or a history that is not as shipped, or an approval that its requester
    decided, that is decided by halves, or that is about nothing.
    """
    yield from broken_guards("staff", *(_SQL / f"{name}.sql" for name in _GUARDS))
    yield from _broken_roles()
    for model in (Approval, Designation, ApiToken, Import):
        called = f"{model._meta.verbose_name} {{}}"
        yield from broken_history(model._meta.db_table, called)
    for pk in Approval.objects.filter(decided_by=F("requested_by")).values_list("pk", flat=True):
        yield f"审批 {pk}：申请人审批了自己的申请"
    half = Approval.objects.exclude(decided_by=None, decided_at=None, decision="")
    half = half.filter(Q(decided_by=None) | Q(decided_at=None) | Q(decision=""))
    for pk in half.values_list("pk", flat=True):
        yield f"审批 {pk}：审批人、审批时间和决定不全"
    for pk in _about_nothing().values_list("pk", flat=True):
        yield f"审批 {pk}：没有所审批的事项"


def _broken_roles() -> Iterator[str]:
    """Roles that hold other rights than `staff.roles` gives them."""
    held: dict[str, set[str]] = {}
    for role, app, codename in Group.objects.order_by("name").values_list(
        "name", "permissions__content_type__app_label", "permissions__codename"
    ):
        held.setdefault(role, set()).update({f"{app}.{codename}"} if app else ())
    for role, names in held.items():
        if role not in roles.ROLES:
            yield f"角色 {role} 不在发布的权限表中"
        elif names != roles.permissions_of(role):
            yield f"角色 {role} 的权限与发布的权限表不符"


def _about_nothing() -> models.QuerySet[Approval]:
    """Approvals to which no row of any app refers as its own."""
    approvals = Approval.objects.order_by("pk")
    for relation in Approval._meta.related_objects:
        own = relation.field.model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        approvals = approvals.filter(~Exists(own))
    return approvals

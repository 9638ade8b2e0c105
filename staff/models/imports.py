import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from staff.exceptions import Refusal
from staff.models.encrypted import EncryptedTextField
from staff.models.user import User


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Import(models.Model):
    """A file that was read in: who, when, which file, and what became of its rows (R2, R3).

    `new`, `changed`, `same` and `refused` count the rows handled so far in the phase at hand;
    `total` is what the new ones come to, in yuan or points.
    """

    class Kind(models.TextChoices):
        PATIENTS = "patients", "病人档案"
        MEMBERS = "members", "会员"
        PAYMENTS = "payments", "收费"
        LEGACY_POINTS = "legacy_points", "原积分"
        ISSUES = "issues", "已领礼品和服务"

    class State(models.TextChoices):
        CHECKING = "checking", "检查中"
        CHECKED = "checked", "待确认"
        SAVING = "saving", "导入中"
        DONE = "done", "已完成"
        CANCELLED = "cancelled", "已取消"

    kind = models.CharField("内容", max_length=20, choices=Kind)
    state = models.CharField("状态", max_length=20, choices=State)
    is_staged = models.BooleanField("由页面导入", default=False)
    file_name = models.CharField("文件", max_length=200)
    digest = models.CharField("文件摘要", max_length=64)
    sheet = models.CharField("工作表", max_length=64, blank=True)
    header = models.JSONField("表头", default=list)
    ignored = models.JSONField("忽略的列", default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("上传时间")
    saved_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="导入人", null=True
    )
    finished_at = models.DateTimeField("结束时间", null=True)
    row_count = models.PositiveIntegerField("行数")
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    same = models.PositiveIntegerField("相同", default=0)
    refused = models.PositiveIntegerField("退回", default=0)
    total = models.DecimalField("新增合计", max_digits=16, decimal_places=2, default=0)

    class Meta:
        verbose_name = "导入记录"
        verbose_name_plural = "导入记录"
        permissions: ClassVar = [
            ("import_patients", "导入病人档案"),
            ("import_members", "导入会员"),
            ("import_payments", "导入收费"),
            ("import_legacy_points", "导入原积分"),
            ("import_issues", "导入已领礼品和服务"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="import_digest_is_sha256",
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="导入记录须有文件的摘要",
            ),
            models.CheckConstraint(
                name="import_rows_add_up",
                condition=Q(row_count__gte=F("new") + F("changed") + F("same") + F("refused")),
                violation_error_message="处理的行数不能多于文件的行数",
            ),
            models.CheckConstraint(
                name="import_done_whole",
                condition=~Q(state="done")
                | Q(row_count=F("new") + F("changed") + F("same") + F("refused")),
                violation_error_message="已完成的导入须处理了文件的每一行",
            ),
            models.CheckConstraint(
                name="import_finished_at_the_end",
                condition=Q(state__in=["done", "cancelled"], finished_at__isnull=False)
                | ~Q(state__in=["done", "cancelled"]) & Q(finished_at=None),
                violation_error_message="导入结束时须记下时间，未结束的没有结束时间",
            ),
            models.CheckConstraint(
                name="import_saved_by_somebody",
                condition=~Q(state__in=["saving", "done"]) | Q(saved_by__isnull=False),
                violation_error_message="写入数据的导入须记下是谁导入的",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"

    @property
    def handled(self) -> int:
        """Rows handled so far in the phase at hand."""
        return self.new + self.changed + self.same + self.refused


@dataclass(frozen=True, slots=True)
class Staged:
    """The rows of a chunk: number, cells and what is known beyond them, and what they rest on.

    `earlier` are the places in the file, counted from 0, of rows about the same things.
    """

    rows: list[list[Any]]
    earlier: list[int] = field(default_factory=list)

    def text(self) -> str:
        return json.dumps([self.rows, self.earlier], ensure_ascii=False)


class ImportChunk(models.Model):
    """Some hundred rows of a staged file, as ciphertext: there are phones and ID numbers in them.

    `rows` are the rows of the file, `judged` why rows were refused, in the latest phase.
    `checked_at` and `saved_at` say which phases are through. What was saved keeps only the rows
    that were refused.
    """

    batch = models.ForeignKey(Import, models.PROTECT, related_name="chunks", verbose_name="导入")
    number = models.PositiveIntegerField("序号")
    rows = EncryptedTextField("行")
    judged = EncryptedTextField("判定", blank=True)
    refused = models.PositiveIntegerField("退回", default=0)
    checked_at = models.DateTimeField("检查时间", null=True)
    saved_at = models.DateTimeField("导入时间", null=True)

    class Meta:
        verbose_name = "导入分段"
        verbose_name_plural = "导入分段"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="import_chunk_numbered_once",
                fields=["batch", "number"],
                violation_error_message="同一导入的分段序号不能重复",
            ),
            models.CheckConstraint(
                name="import_chunk_checked_first",
                condition=Q(saved_at=None) | Q(checked_at__isnull=False),
                violation_error_message="分段须先检查再导入",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch}（{self.number}）"

    def staged(self) -> Staged:
        """What `rows` holds."""
        return Staged(*json.loads(self.rows))

    def judge(self, results: Sequence[str | Refusal]) -> None:
        """Remember which rows were refused, and why."""
        refused = {
            at: (result.message, result.field)
            for at, result in enumerate(results)
            if isinstance(result, Refusal)
        }
        self.judged = json.dumps(refused, ensure_ascii=False)
        self.refused = len(refused)

    def refusals(self) -> dict[int, tuple[str, str | None]]:
        """By the place of the row in the chunk, why it was refused and the field at fault."""
        judged = json.loads(self.judged or "{}")
        return {int(at): (message, field) for at, (message, field) in judged.items()}

    def forget_what_went_in(self) -> None:
        """Keep the refused rows alone, to be mended."""
        refusals, rows = self.refusals(), self.staged().rows
        self.rows = Staged([rows[at] for at in refusals]).text()
        self.judged = json.dumps(dict(enumerate(refusals.values())), ensure_ascii=False)

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import staff.models.encrypted

# As it was then; what holds now is in staff/sql.
_DECIDED = Path(__file__).with_name("0003_approval.sql")
_ON_RECORD = Path(__file__).with_name("0003_import.sql")


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0002_approvals_are_final"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("patients", "病人档案"),
                            ("members", "会员"),
                            ("payments", "收费"),
                            ("legacy_points", "原积分"),
                        ],
                        max_length=20,
                        verbose_name="内容",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "检查中"),
                            ("checked", "待确认"),
                            ("saving", "导入中"),
                            ("done", "已完成"),
                            ("cancelled", "已取消"),
                        ],
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("is_staged", models.BooleanField(default=False, verbose_name="由页面导入")),
                ("file_name", models.CharField(max_length=200, verbose_name="文件")),
                ("digest", models.CharField(max_length=64, verbose_name="文件摘要")),
                ("sheet", models.CharField(blank=True, max_length=64, verbose_name="工作表")),
                ("header", models.JSONField(default=list, verbose_name="表头")),
                ("ignored", models.JSONField(default=list, verbose_name="忽略的列")),
                ("created_at", models.DateTimeField(verbose_name="上传时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("row_count", models.PositiveIntegerField(verbose_name="行数")),
                ("new", models.PositiveIntegerField(default=0, verbose_name="新增")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="更新")),
                ("same", models.PositiveIntegerField(default=0, verbose_name="相同")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="退回")),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=16, verbose_name="新增合计"
                    ),
                ),
            ],
            options={
                "verbose_name": "导入记录",
                "verbose_name_plural": "导入记录",
                "permissions": [
                    ("import_patients", "导入病人档案"),
                    ("import_members", "导入会员"),
                    ("import_payments", "导入收费"),
                    ("import_legacy_points", "导入原积分"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("rows", staff.models.encrypted.EncryptedTextField(verbose_name="行")),
                (
                    "judged",
                    staff.models.encrypted.EncryptedTextField(blank=True, verbose_name="判定"),
                ),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="退回")),
                ("checked_at", models.DateTimeField(null=True, verbose_name="检查时间")),
                ("saved_at", models.DateTimeField(null=True, verbose_name="导入时间")),
            ],
            options={
                "verbose_name": "导入分段",
                "verbose_name_plural": "导入分段",
            },
        ),
        migrations.AddField(
            model_name="approval",
            name="withdrawn_at",
            field=models.DateTimeField(null=True, verbose_name="撤回时间"),
        ),
        migrations.AddField(
            model_name="approval",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="撤回人",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="withdrawn_reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
        ),
        migrations.AlterField(
            model_name="approval",
            name="kind",
            field=models.CharField(
                choices=[
                    ("tier_review", "级别复核"),
                    ("scheme", "方案发布"),
                    ("legacy_points", "原积分转入"),
                    ("merge", "合并档案"),
                    ("unmerge", "撤销合并"),
                ],
                max_length=20,
                verbose_name="事项",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("withdrawn_at", None), ("withdrawn_by", None), ("withdrawn_reason", "")
                    ),
                    models.Q(
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                        models.Q(("withdrawn_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="approval_withdrawn_whole",
                violation_error_message="撤回人、撤回时间和撤回原因须一并填写",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_at", None), ("withdrawn_at", None), _connector="OR"),
                name="approval_decided_or_withdrawn",
                violation_error_message="已决定的申请不能撤回，已撤回的不能再决定",
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人",
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="saved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="导入人",
            ),
        ),
        migrations.AddField(
            model_name="importchunk",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="chunks",
                to="staff.import",
                verbose_name="导入",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                name="import_digest_is_sha256",
                violation_error_message="导入记录须有文件的摘要",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "row_count__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("new"), "+", models.F("changed")
                                ),
                                "+",
                                models.F("same"),
                            ),
                            "+",
                            models.F("refused"),
                        ),
                    )
                ),
                name="import_rows_add_up",
                violation_error_message="处理的行数不能多于文件的行数",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    (
                        "row_count",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("new"), "+", models.F("changed")
                                ),
                                "+",
                                models.F("same"),
                            ),
                            "+",
                            models.F("refused"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="import_done_whole",
                violation_error_message="已完成的导入须处理了文件的每一行",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state__in", ["done", "cancelled"])),
                    models.Q(
                        models.Q(("state__in", ["done", "cancelled"]), _negated=True),
                        ("finished_at", None),
                    ),
                    _connector="OR",
                ),
                name="import_finished_at_the_end",
                violation_error_message="导入结束时须记下时间，未结束的没有结束时间",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["saving", "done"]), _negated=True),
                    ("saved_by__isnull", False),
                    _connector="OR",
                ),
                name="import_saved_by_somebody",
                violation_error_message="写入数据的导入须记下是谁导入的",
            ),
        ),
        migrations.AddConstraint(
            model_name="importchunk",
            constraint=models.UniqueConstraint(
                fields=("batch", "number"),
                name="import_chunk_numbered_once",
                violation_error_message="同一导入的分段序号不能重复",
            ),
        ),
        migrations.AddConstraint(
            model_name="importchunk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("saved_at", None), ("checked_at__isnull", False), _connector="OR"
                ),
                name="import_chunk_checked_first",
                violation_error_message="分段须先检查再导入",
            ),
        ),
        migrations.RunSQL(_DECIDED.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(
            _ON_RECORD.read_text(encoding="utf-8"), "DROP FUNCTION staff_import_guard() CASCADE"
        ),
    ]

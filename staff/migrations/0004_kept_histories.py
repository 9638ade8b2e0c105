import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# What is there already begins its history as it is.
_BEGIN = """
INSERT INTO {table}event
SELECT (jsonb_populate_record(NULL::{table}event, to_jsonb(stored) || jsonb_build_object(
       'pgh_id', nextval(pg_get_serial_sequence('{table}event', 'pgh_id')),
       'pgh_created_at', now(), 'pgh_label', 'insert', 'pgh_obj_id', stored.id))).*
  FROM {table} stored ORDER BY stored.id
"""
_TABLES = ("staff_approval", "staff_designation", "staff_apitoken", "staff_import")


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("staff", "0003_imports_and_withdrawals"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiTokenEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=50, verbose_name="名称")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="停用时间"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApprovalEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
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
                ("summary", models.CharField(max_length=200, verbose_name="内容")),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                ("decision", models.CharField(blank=True, max_length=20, verbose_name="决定")),
                ("sentence", models.CharField(blank=True, max_length=200, verbose_name="审批意见")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DesignationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
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
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "staff_apitokenevent" ("created_at", "digest", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "user_id") VALUES (NEW."created_at", NEW."digest", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."user_id"); RETURN NULL;',
                    hash="6675e823884983e9e85587fef4779cabcf684131",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_cfb5c",
                    table="staff_apitoken",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "staff_apitokenevent" ("created_at", "digest", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "user_id") VALUES (NEW."created_at", NEW."digest", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."user_id"); RETURN NULL;',
                    hash="fcc4de8a416f25e8fbeebdeb90234aa7548407f3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_78722",
                    table="staff_apitoken",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "staff_approvalevent" ("decided_at", "decided_by_id", "decision", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requested_at", "requested_by_id", "sentence", "summary", "withdrawn_at", "withdrawn_by_id", "withdrawn_reason") VALUES (NEW."decided_at", NEW."decided_by_id", NEW."decision", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."requested_at", NEW."requested_by_id", NEW."sentence", NEW."summary", NEW."withdrawn_at", NEW."withdrawn_by_id", NEW."withdrawn_reason"); RETURN NULL;',
                    hash="d80eb74945af7014e749cac5b9c02f43270c78ec",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5de4c",
                    table="staff_approval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "staff_approvalevent" ("decided_at", "decided_by_id", "decision", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requested_at", "requested_by_id", "sentence", "summary", "withdrawn_at", "withdrawn_by_id", "withdrawn_reason") VALUES (NEW."decided_at", NEW."decided_by_id", NEW."decision", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."requested_at", NEW."requested_by_id", NEW."sentence", NEW."summary", NEW."withdrawn_at", NEW."withdrawn_by_id", NEW."withdrawn_reason"); RETURN NULL;',
                    hash="587580b5e4b67d13de9d7f5b1c4fbe5f35451dd3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3a66a",
                    table="staff_approval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="designation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "staff_designationevent" ("designated_by_id", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "substitute_id", "user_id") VALUES (NEW."designated_by_id", NEW."ends_on", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."starts_on", NEW."substitute_id", NEW."user_id"); RETURN NULL;',
                    hash="e034951b590eb38fac79239d7cd331b8828398d3",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_58ff6",
                    table="staff_designation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="designation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "staff_designationevent" ("designated_by_id", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "substitute_id", "user_id") VALUES (NEW."designated_by_id", NEW."ends_on", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."starts_on", NEW."substitute_id", NEW."user_id"); RETURN NULL;',
                    hash="25a39182d1edacdbd520d3eab360961dd3cb765c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1120d",
                    table="staff_designation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="import",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "staff_importevent" ("by_id", "changed", "created_at", "digest", "file_name", "finished_at", "header", "id", "ignored", "is_staged", "kind", "new", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refused", "row_count", "same", "saved_by_id", "sheet", "state", "total") VALUES (NEW."by_id", NEW."changed", NEW."created_at", NEW."digest", NEW."file_name", NEW."finished_at", NEW."header", NEW."id", NEW."ignored", NEW."is_staged", NEW."kind", NEW."new", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."refused", NEW."row_count", NEW."same", NEW."saved_by_id", NEW."sheet", NEW."state", NEW."total"); RETURN NULL;',
                    hash="23ac1e08c37d1c14ccb77b45dc798b63f5d5dd36",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_82194",
                    table="staff_import",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="import",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "staff_importevent" ("by_id", "changed", "created_at", "digest", "file_name", "finished_at", "header", "id", "ignored", "is_staged", "kind", "new", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refused", "row_count", "same", "saved_by_id", "sheet", "state", "total") VALUES (NEW."by_id", NEW."changed", NEW."created_at", NEW."digest", NEW."file_name", NEW."finished_at", NEW."header", NEW."id", NEW."ignored", NEW."is_staged", NEW."kind", NEW."new", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."refused", NEW."row_count", NEW."same", NEW."saved_by_id", NEW."sheet", NEW."state", NEW."total"); RETURN NULL;',
                    hash="a4dab4c2e88927856544714b82fd7b0bd8aa9748",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e25e0",
                    table="staff_import",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="apitokenevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="apitokenevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="staff.apitoken",
            ),
        ),
        migrations.AddField(
            model_name="apitokenevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="代表的用户",
            ),
        ),
        migrations.AddField(
            model_name="approvalevent",
            name="decided_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="审批人",
            ),
        ),
        migrations.AddField(
            model_name="approvalevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="approvalevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="staff.approval",
            ),
        ),
        migrations.AddField(
            model_name="approvalevent",
            name="requested_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="申请人",
            ),
        ),
        migrations.AddField(
            model_name="approvalevent",
            name="withdrawn_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="撤回人",
            ),
        ),
        migrations.AddField(
            model_name="designationevent",
            name="designated_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="指定人",
            ),
        ),
        migrations.AddField(
            model_name="designationevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="designationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="staff.designation",
            ),
        ),
        migrations.AddField(
            model_name="designationevent",
            name="substitute",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="替补",
            ),
        ),
        migrations.AddField(
            model_name="designationevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="会员管理员",
            ),
        ),
        migrations.AddField(
            model_name="importevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人",
            ),
        ),
        migrations.AddField(
            model_name="importevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="importevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="staff.import",
            ),
        ),
        migrations.AddField(
            model_name="importevent",
            name="saved_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="导入人",
            ),
        ),
        *(
            migrations.RunSQL(_BEGIN.format(table=table), migrations.RunSQL.noop)
            for table in _TABLES
        ),
    ]

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# As it was then; what holds now is in members/sql.
GUARD = Path(__file__).with_name("0003_membership.sql")
MERGING = Path(__file__).with_name("0003_merging.sql")
JOINED = """
ALTER TABLE members_membership DISABLE TRIGGER members_membership_guard;
UPDATE members_membership SET joined_on = signed_on;
ALTER TABLE members_membership ENABLE TRIGGER members_membership_guard;
UPDATE members_membershipevent SET joined_on = signed_on;
"""
UNDO = """
DROP TRIGGER members_patient_opened_unmerged ON members_patient;
DROP TRIGGER members_patient_follows_merges ON members_patient;
DROP FUNCTION members_files_follow_merges() CASCADE;
DROP FUNCTION members_filemerge_guard() CASCADE;
DROP FUNCTION members_filemerge_asked() CASCADE;
DROP FUNCTION members_distinct_guard() CASCADE;
DROP FUNCTION members_waits(bigint);
DROP FUNCTION members_approved(bigint);
DROP FUNCTION members_root(bigint);
DROP FUNCTION members_refuse(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_membership_for_life"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("staff", "0003_imports_and_withdrawals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DistinctFiles",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="依据")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="登记时间",
                    ),
                ),
            ],
            options={
                "verbose_name": "不是同一人",
                "verbose_name_plural": "不是同一人",
            },
        ),
        migrations.CreateModel(
            name="DistinctFilesEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200, verbose_name="依据")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="登记时间",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FileMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="合并原因")),
                (
                    "merged_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="合并时间"),
                ),
                (
                    "undo_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤销原因"),
                ),
                (
                    "undone_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="撤销时间"),
                ),
            ],
            options={
                "verbose_name": "档案合并",
                "verbose_name_plural": "档案合并",
            },
        ),
        migrations.CreateModel(
            name="FileMergeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200, verbose_name="合并原因")),
                (
                    "merged_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="合并时间"),
                ),
                (
                    "undo_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤销原因"),
                ),
                (
                    "undone_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="撤销时间"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="membership",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="membership",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="patient",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="patient",
            name="update_update",
        ),
        migrations.AddField(
            model_name="membership",
            name="imported_in",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="staff.import",
                verbose_name="导入记录",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="joined_on",
            field=models.DateField(default="2013-10-01", verbose_name="入会日期"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="imported_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="staff.import",
                verbose_name="导入记录",
            ),
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="joined_on",
            field=models.DateField(default="2013-10-01", verbose_name="入会日期"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absorbed",
                to="members.patient",
                verbose_name="并入",
            ),
        ),
        migrations.AddField(
            model_name="patientevent",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.patient",
                verbose_name="并入",
            ),
        ),
        migrations.RunSQL(JOINED, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_membershipevent" ("accepts_activities", "accepts_follow_up", "accepts_post", "document_index", "document_type", "enrolled_at", "enrolled_by_id", "guardian_name", "guardian_phone", "guardian_relation", "id", "imported_in_id", "joined_on", "number", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_on") VALUES (NEW."accepts_activities", NEW."accepts_follow_up", NEW."accepts_post", NEW."document_index", NEW."document_type", NEW."enrolled_at", NEW."enrolled_by_id", NEW."guardian_name", NEW."guardian_phone", NEW."guardian_relation", NEW."id", NEW."imported_in_id", NEW."joined_on", NEW."number", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."signed_on"); RETURN NULL;',
                    hash="1be62411b5b94b75b2f15655acf0da492d69d7ab",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_20243",
                    table="members_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "members_membershipevent" ("accepts_activities", "accepts_follow_up", "accepts_post", "document_index", "document_type", "enrolled_at", "enrolled_by_id", "guardian_name", "guardian_phone", "guardian_relation", "id", "imported_in_id", "joined_on", "number", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_on") VALUES (NEW."accepts_activities", NEW."accepts_follow_up", NEW."accepts_post", NEW."document_index", NEW."document_type", NEW."enrolled_at", NEW."enrolled_by_id", NEW."guardian_name", NEW."guardian_phone", NEW."guardian_relation", NEW."id", NEW."imported_in_id", NEW."joined_on", NEW."number", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."signed_on"); RETURN NULL;',
                    hash="89eb4b391f9c90eec25192423d40c32cdfa236ac",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f5071",
                    table="members_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patient",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_patientevent" ("address", "birth_date", "document_index", "document_last4", "document_number", "document_type", "file_number", "id", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_index", "phone_last4", "sex", "updated_at", "updated_by_id") VALUES (NEW."address", NEW."birth_date", NEW."document_index", NEW."document_last4", NEW."document_number", NEW."document_type", NEW."file_number", NEW."id", NEW."merged_into_id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."phone_index", NEW."phone_last4", NEW."sex", NEW."updated_at", NEW."updated_by_id"); RETURN NULL;',
                    hash="bb183fd2690bf83675c209682b1bc23c5078dcf4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_135a2",
                    table="members_patient",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patient",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "members_patientevent" ("address", "birth_date", "document_index", "document_last4", "document_number", "document_type", "file_number", "id", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_index", "phone_last4", "sex", "updated_at", "updated_by_id") VALUES (NEW."address", NEW."birth_date", NEW."document_index", NEW."document_last4", NEW."document_number", NEW."document_type", NEW."file_number", NEW."id", NEW."merged_into_id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."phone_index", NEW."phone_last4", NEW."sex", NEW."updated_at", NEW."updated_by_id"); RETURN NULL;',
                    hash="52a0d4c542bc049bb7a0057d3acce1d9576ad7a4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d2ce4",
                    table="members_patient",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("joined_on", models.F("signed_on")),
                    ("imported_in__isnull", False),
                    _connector="OR",
                ),
                name="membership_joined_as_signed",
                violation_error_message="入会日期即签字日期，只有导入的老会员可以不同",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("pk")), _negated=True),
                name="patient_not_into_itself",
                violation_error_message="档案不能并入自己",
            ),
        ),
        migrations.AddField(
            model_name="distinctfiles",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="登记人",
            ),
        ),
        migrations.AddField(
            model_name="distinctfiles",
            name="first",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.patient",
                verbose_name="档案一",
            ),
        ),
        migrations.AddField(
            model_name="distinctfiles",
            name="second",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.patient",
                verbose_name="档案二",
            ),
        ),
        migrations.AddField(
            model_name="distinctfilesevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="登记人",
            ),
        ),
        migrations.AddField(
            model_name="distinctfilesevent",
            name="first",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.patient",
                verbose_name="档案一",
            ),
        ),
        migrations.AddField(
            model_name="distinctfilesevent",
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
            model_name="distinctfilesevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="members.distinctfiles",
            ),
        ),
        migrations.AddField(
            model_name="distinctfilesevent",
            name="second",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.patient",
                verbose_name="档案二",
            ),
        ),
        migrations.AddField(
            model_name="filemerge",
            name="absorbed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges",
                to="members.patient",
                verbose_name="并入的档案",
            ),
        ),
        migrations.AddField(
            model_name="filemerge",
            name="approval",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merge",
                to="staff.approval",
                verbose_name="合并的审批",
            ),
        ),
        migrations.AddField(
            model_name="filemerge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.patient",
                verbose_name="保留的档案",
            ),
        ),
        migrations.AddField(
            model_name="filemerge",
            name="undo_approval",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="unmerge",
                to="staff.approval",
                verbose_name="撤销的审批",
            ),
        ),
        migrations.AddField(
            model_name="filemergeevent",
            name="absorbed",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.patient",
                verbose_name="并入的档案",
            ),
        ),
        migrations.AddField(
            model_name="filemergeevent",
            name="approval",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="staff.approval",
                verbose_name="合并的审批",
            ),
        ),
        migrations.AddField(
            model_name="filemergeevent",
            name="kept",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.patient",
                verbose_name="保留的档案",
            ),
        ),
        migrations.AddField(
            model_name="filemergeevent",
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
            model_name="filemergeevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="members.filemerge",
            ),
        ),
        migrations.AddField(
            model_name="filemergeevent",
            name="undo_approval",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="staff.approval",
                verbose_name="撤销的审批",
            ),
        ),
        migrations.AddConstraint(
            model_name="distinctfiles",
            constraint=models.UniqueConstraint(
                fields=("first", "second"),
                name="distinct_files_once",
                violation_error_message="这两份档案已登记为不是同一人",
            ),
        ),
        migrations.AddConstraint(
            model_name="distinctfiles",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))),
                name="distinct_files_in_order",
                violation_error_message="登记的须为两份不同的档案，先建的在前",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="distinctfiles",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_distinctfilesevent" ("by_id", "first_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "second_id") VALUES (NEW."by_id", NEW."first_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."recorded_at", NEW."second_id"); RETURN NULL;',
                    hash="2bc7c1c569fa5db92023ba02a29f01c259a4cf68",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_06c4a",
                    table="members_distinctfiles",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="filemerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("absorbed")), _negated=True),
                name="file_merge_two_files",
                violation_error_message="合并的须为两份不同的档案",
            ),
        ),
        migrations.AddConstraint(
            model_name="filemerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("merged_at__isnull", False), ("undone_at", None)),
                fields=("absorbed",),
                name="file_merge_absorbed_once",
                violation_error_message="该档案已并入另一份档案",
            ),
        ),
        migrations.AddConstraint(
            model_name="filemerge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_approval", None), ("undo_reason", ""), ("undone_at", None)),
                    models.Q(
                        models.Q(("undo_reason", ""), _negated=True),
                        ("merged_at__isnull", False),
                        ("undo_approval__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="file_merge_undo_whole",
                violation_error_message="撤销合并须有原因和审批，并且合并已完成",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="filemerge",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_filemergeevent" ("absorbed_id", "approval_id", "id", "kept_id", "merged_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "undo_approval_id", "undo_reason", "undone_at") VALUES (NEW."absorbed_id", NEW."approval_id", NEW."id", NEW."kept_id", NEW."merged_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."undo_approval_id", NEW."undo_reason", NEW."undone_at"); RETURN NULL;',
                    hash="4fd77faf6f6004fc7046c3fb100574b28d19b387",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1dbbc",
                    table="members_filemerge",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="filemerge",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "members_filemergeevent" ("absorbed_id", "approval_id", "id", "kept_id", "merged_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "undo_approval_id", "undo_reason", "undone_at") VALUES (NEW."absorbed_id", NEW."approval_id", NEW."id", NEW."kept_id", NEW."merged_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."undo_approval_id", NEW."undo_reason", NEW."undone_at"); RETURN NULL;',
                    hash="7616a4e1613e0f2093680394d49b66edca33e2d2",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0426d",
                    table="members_filemerge",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(GUARD.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(MERGING.read_text(encoding="utf-8"), UNDO),
    ]

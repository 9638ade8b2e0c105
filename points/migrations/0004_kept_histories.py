import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# What is there already begins its history as it is.
_BEGIN = """
INSERT INTO {table}event
SELECT (jsonb_populate_record(NULL::{table}event, to_jsonb(stored) || jsonb_build_object(
       'pgh_id', nextval(pg_get_serial_sequence('{table}event', 'pgh_id')),
       'pgh_created_at', now(), 'pgh_label', 'insert', 'pgh_obj_id', stored.id))).*
  FROM {table} stored ORDER BY stored.id
"""
_TABLES = ("points_tierreached", "points_tierreview", "points_legacyconfirmation")


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_merging_and_old_members"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("points", "0003_corrections_legacy_and_merging"),
        ("scheme", "0002_published_schemes_are_frozen"),
        ("staff", "0003_imports_and_withdrawals"),
    ]

    operations = [
        migrations.CreateModel(
            name="LegacyConfirmationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("confirm", "确认转入"), ("reject", "不予转入")],
                        max_length=20,
                        verbose_name="决定",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TierReachedEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("tier", models.CharField(max_length=20, verbose_name="级别")),
                ("rank", models.SmallIntegerField(verbose_name="级别次序")),
                (
                    "path",
                    models.CharField(
                        choices=[
                            ("one_time", "一次性消费"),
                            ("cumulative", "累计积分"),
                            ("grant", "领导批准"),
                            ("legacy", "原积分转入"),
                            ("review", "级别复核"),
                        ],
                        max_length=20,
                        verbose_name="途径",
                    ),
                ),
                ("day", models.DateField(verbose_name="依据日期")),
                ("points", models.BigIntegerField(verbose_name="积分")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, verbose_name="金额"
                    ),
                ),
                ("reached_on", models.DateField(verbose_name="达到日期")),
                ("at_enrolment", models.BooleanField(verbose_name="入会时")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TierReviewEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("tier", models.CharField(max_length=20, verbose_name="现有级别")),
                (
                    "supported_tier",
                    models.CharField(blank=True, max_length=20, verbose_name="余下积分支持的级别"),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keep", "保留级别"),
                            ("recover", "收回级别，追回已领礼品"),
                            ("waive", "收回级别，已领礼品不再追回"),
                        ],
                        max_length=20,
                        verbose_name="决定",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="决定时间"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legacyconfirmation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "points_legacyconfirmationevent" ("approval_id", "decision", "id", "imported_in_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."approval_id", NEW."decision", NEW."id", NEW."imported_in_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="f24f1993222a35fddde996e8d9d91dc0ea02f116",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_97183",
                    table="points_legacyconfirmation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legacyconfirmation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "points_legacyconfirmationevent" ("approval_id", "decision", "id", "imported_in_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."approval_id", NEW."decision", NEW."id", NEW."imported_in_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="e325b531696ae9ac3722f4c607059852bafa635c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9a706",
                    table="points_legacyconfirmation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierreached",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "points_tierreachedevent" ("amount", "at_enrolment", "day", "entry_id", "id", "membership_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "rank", "reached_on", "restated_by_id", "scheme_id", "tier", "withdrawn_by_id") VALUES (NEW."amount", NEW."at_enrolment", NEW."day", NEW."entry_id", NEW."id", NEW."membership_id", NEW."path", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."points", NEW."rank", NEW."reached_on", NEW."restated_by_id", NEW."scheme_id", NEW."tier", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="b5f9889379357ed4e91dd5770a4d3b2236bbe78d",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5a54f",
                    table="points_tierreached",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierreached",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "points_tierreachedevent" ("amount", "at_enrolment", "day", "entry_id", "id", "membership_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "rank", "reached_on", "restated_by_id", "scheme_id", "tier", "withdrawn_by_id") VALUES (NEW."amount", NEW."at_enrolment", NEW."day", NEW."entry_id", NEW."id", NEW."membership_id", NEW."path", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."points", NEW."rank", NEW."reached_on", NEW."restated_by_id", NEW."scheme_id", NEW."tier", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="4c151cdc6f46b132f12b34037344b849dacc74c0",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1508d",
                    table="points_tierreached",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierreview",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "points_tierreviewevent" ("approval_id", "decided_at", "decision", "entry_id", "id", "membership_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "restated_by_id", "supported_tier", "tier") VALUES (NEW."approval_id", NEW."decided_at", NEW."decision", NEW."entry_id", NEW."id", NEW."membership_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."restated_by_id", NEW."supported_tier", NEW."tier"); RETURN NULL;',
                    hash="5f66b1ea121b9f3f6f62ebbfc7804134e74aa1c5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8e52f",
                    table="points_tierreview",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierreview",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "points_tierreviewevent" ("approval_id", "decided_at", "decision", "entry_id", "id", "membership_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "restated_by_id", "supported_tier", "tier") VALUES (NEW."approval_id", NEW."decided_at", NEW."decision", NEW."entry_id", NEW."id", NEW."membership_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."restated_by_id", NEW."supported_tier", NEW."tier"); RETURN NULL;',
                    hash="6c057adcdc6efaf5a7a0e8fe99ca88ce8e7c39c6",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6bd2b",
                    table="points_tierreview",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="legacyconfirmationevent",
            name="approval",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="staff.approval",
                verbose_name="审批",
            ),
        ),
        migrations.AddField(
            model_name="legacyconfirmationevent",
            name="imported_in",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="staff.import",
                verbose_name="导入批次",
            ),
        ),
        migrations.AddField(
            model_name="legacyconfirmationevent",
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
            model_name="legacyconfirmationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="points.legacyconfirmation",
            ),
        ),
        migrations.AddField(
            model_name="tierreachedevent",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="points.pointsentry",
                verbose_name="引起的流水",
            ),
        ),
        migrations.AddField(
            model_name="tierreachedevent",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.membership",
                verbose_name="会员",
            ),
        ),
        migrations.AddField(
            model_name="tierreachedevent",
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
            model_name="tierreachedevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="points.tierreached",
            ),
        ),
        migrations.AddField(
            model_name="tierreachedevent",
            name="restated_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="points.pointsentry",
                verbose_name="因更正作废的流水",
            ),
        ),
        migrations.AddField(
            model_name="tierreachedevent",
            name="scheme",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="scheme.scheme",
                verbose_name="方案版本",
            ),
        ),
        migrations.AddField(
            model_name="tierreachedevent",
            name="withdrawn_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="points.tierreview",
                verbose_name="收回依据",
            ),
        ),
        migrations.AddField(
            model_name="tierreviewevent",
            name="approval",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="staff.approval",
                verbose_name="审批",
            ),
        ),
        migrations.AddField(
            model_name="tierreviewevent",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="points.pointsentry",
                verbose_name="引起复核的流水",
            ),
        ),
        migrations.AddField(
            model_name="tierreviewevent",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.membership",
                verbose_name="会员",
            ),
        ),
        migrations.AddField(
            model_name="tierreviewevent",
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
            model_name="tierreviewevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="points.tierreview",
            ),
        ),
        migrations.AddField(
            model_name="tierreviewevent",
            name="restated_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="points.pointsentry",
                verbose_name="因更正作废的流水",
            ),
        ),
        *(
            migrations.RunSQL(_BEGIN.format(table=table), migrations.RunSQL.noop)
            for table in _TABLES
        ),
    ]

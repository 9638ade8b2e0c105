from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# As it was then; what holds now is in members/sql.
_SQL = Path(__file__).with_name("0007_households.sql")


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0006_search_keys"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
            ],
            options={
                "verbose_name": "家庭",
                "verbose_name_plural": "家庭",
            },
        ),
        migrations.CreateModel(
            name="HouseholdPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_child", models.BooleanField(verbose_name="儿童")),
                ("relation", models.CharField(max_length=20, verbose_name="与会员的关系")),
                (
                    "document_seen",
                    models.CharField(
                        choices=[
                            ("household_register", "户口簿"),
                            ("birth_certificate", "出生医学证明"),
                            ("marriage_certificate", "结婚证"),
                            ("guardianship", "监护证明"),
                            ("other", "其他证明"),
                        ],
                        max_length=20,
                        verbose_name="查验的证件",
                    ),
                ),
                ("joined_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="录入时间",
                    ),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="移出时间")),
                (
                    "left_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="移出原因"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="persons",
                        to="members.household",
                        verbose_name="家庭",
                    ),
                ),
                (
                    "left_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="移出人",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="members.patient",
                        verbose_name="病人",
                    ),
                ),
            ],
            options={
                "verbose_name": "家庭成员",
                "verbose_name_plural": "家庭成员",
            },
        ),
        migrations.CreateModel(
            name="HouseholdPersonEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("is_child", models.BooleanField(verbose_name="儿童")),
                ("relation", models.CharField(max_length=20, verbose_name="与会员的关系")),
                (
                    "document_seen",
                    models.CharField(
                        choices=[
                            ("household_register", "户口簿"),
                            ("birth_certificate", "出生医学证明"),
                            ("marriage_certificate", "结婚证"),
                            ("guardianship", "监护证明"),
                            ("other", "其他证明"),
                        ],
                        max_length=20,
                        verbose_name="查验的证件",
                    ),
                ),
                ("joined_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="录入时间",
                    ),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="移出时间")),
                (
                    "left_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="移出原因"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="members.household",
                        verbose_name="家庭",
                    ),
                ),
                (
                    "left_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="移出人",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="members.patient",
                        verbose_name="病人",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="members.householdperson",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="householdperson",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at", None)),
                fields=("patient",),
                name="household_person_one_at_a_time",
                violation_error_message="此人已登记在一个家庭中，请先从那里移出",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdperson",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("relation", ""), _negated=True),
                    (
                        "document_seen__in",
                        [
                            "household_register",
                            "birth_certificate",
                            "marriage_certificate",
                            "guardianship",
                            "other",
                        ],
                    ),
                ),
                name="household_person_whole",
                violation_error_message="请填写与会员的关系和查验的证件",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdperson",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("left_at", None), ("left_by", None), ("left_reason", "")),
                    models.Q(
                        ("left_at__isnull", False),
                        ("left_by__isnull", False),
                        models.Q(("left_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="household_person_left_whole",
                violation_error_message="移出家庭须有时间、经手人和原因",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="householdperson",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_householdpersonevent" ("by_id", "document_seen", "household_id", "id", "is_child", "joined_at", "left_at", "left_by_id", "left_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "relation") VALUES (NEW."by_id", NEW."document_seen", NEW."household_id", NEW."id", NEW."is_child", NEW."joined_at", NEW."left_at", NEW."left_by_id", NEW."left_reason", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."relation"); RETURN NULL;',
                    hash="b06a0e741a5a5d4b8af8da7700f2e7864ac3af4c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7e71c",
                    table="members_householdperson",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="householdperson",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "members_householdpersonevent" ("by_id", "document_seen", "household_id", "id", "is_child", "joined_at", "left_at", "left_by_id", "left_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "relation") VALUES (NEW."by_id", NEW."document_seen", NEW."household_id", NEW."id", NEW."is_child", NEW."joined_at", NEW."left_at", NEW."left_by_id", NEW."left_reason", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."relation"); RETURN NULL;',
                    hash="5fb011d16fc42fa0735e610c1451a2480665cd41",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bc5f6",
                    table="members_householdperson",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(
            _SQL.read_text(encoding="utf-8"), "DROP FUNCTION members_household_guard() CASCADE"
        ),
    ]

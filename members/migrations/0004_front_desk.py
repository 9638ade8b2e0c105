from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import staff.models.encrypted

DOCUMENT_TYPES = [
    "resident_id",
    "passport",
    "hk_macau_permit",
    "taiwan_permit",
    "foreigner_id",
    "military_id",
    "birth_certificate",
    "other",
]
KEPT = Path(__file__).with_name("0004_kept.sql")
UNDO = """
DROP FUNCTION members_has_live_card() CASCADE;
DROP FUNCTION members_card_guard() CASCADE;
DROP FUNCTION members_signature_guard() CASCADE;
DROP FUNCTION members_kept() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_merging_and_old_members"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("phone", "电话"),
                                ("document", "证件号码"),
                                ("address", "家庭住址"),
                                ("guardian_phone", "监护人电话"),
                                ("registration_form", "会员登记表"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="查看内容",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                ("at", models.DateTimeField(db_index=True, verbose_name="查看时间")),
            ],
            options={
                "verbose_name": "查看记录",
                "verbose_name_plural": "查看记录",
            },
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.PositiveSmallIntegerField(verbose_name="第几张")),
                ("number", models.CharField(max_length=12, unique=True, verbose_name="卡号")),
                ("made_at", models.DateTimeField(verbose_name="制卡时间")),
                ("given_at", models.DateTimeField(blank=True, null=True, verbose_name="发卡时间")),
                (
                    "stopped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="停用时间"),
                ),
                (
                    "stopped_reason",
                    models.CharField(
                        blank=True,
                        choices=[("lost", "遗失"), ("damaged", "损坏")],
                        max_length=10,
                        verbose_name="停用原因",
                    ),
                ),
                (
                    "document_shown",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resident_id", "居民身份证"),
                            ("passport", "护照"),
                            ("hk_macau_permit", "港澳居民来往内地通行证"),
                            ("taiwan_permit", "台湾居民来往大陆通行证"),
                            ("foreigner_id", "外国人永久居留身份证"),
                            ("military_id", "军官证或士兵证"),
                            ("birth_certificate", "出生医学证明"),
                            ("other", "其他证件"),
                        ],
                        max_length=20,
                        verbose_name="出示的证件",
                    ),
                ),
            ],
            options={
                "verbose_name": "会员卡",
                "verbose_name_plural": "会员卡",
            },
        ),
        migrations.CreateModel(
            name="DetailsChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "document_shown",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resident_id", "居民身份证"),
                            ("passport", "护照"),
                            ("hk_macau_permit", "港澳居民来往内地通行证"),
                            ("taiwan_permit", "台湾居民来往大陆通行证"),
                            ("foreigner_id", "外国人永久居留身份证"),
                            ("military_id", "军官证或士兵证"),
                            ("birth_certificate", "出生医学证明"),
                            ("other", "其他证件"),
                        ],
                        max_length=20,
                        verbose_name="出示的证件",
                    ),
                ),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        size=None,
                        verbose_name="修改的内容",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("changed_at", models.DateTimeField(verbose_name="修改时间")),
            ],
            options={
                "verbose_name": "资料修改",
                "verbose_name_plural": "资料修改",
            },
        ),
        migrations.CreateModel(
            name="JoinTalk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("agreed", "同意入会"),
                            ("later", "以后再问"),
                            ("declined", "不同意"),
                        ],
                        max_length=10,
                        verbose_name="答复",
                    ),
                ),
                ("ask_again_on", models.DateField(blank=True, null=True, verbose_name="再问日期")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("talked_at", models.DateTimeField(verbose_name="征询时间")),
            ],
            options={
                "verbose_name": "入会征询",
                "verbose_name_plural": "入会征询",
            },
        ),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200, verbose_name="检索码")),
            ],
            options={
                "verbose_name": "检索码",
                "verbose_name_plural": "检索码",
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", staff.models.encrypted.EncryptedTextField(verbose_name="签署的内容")),
                (
                    "image",
                    staff.models.encrypted.EncryptedTextField(verbose_name="签名（PNG，base64）"),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="签署内容的摘要")),
                ("signed_at", models.DateTimeField(verbose_name="签名时间")),
            ],
            options={
                "verbose_name": "电子签名",
                "verbose_name_plural": "电子签名",
            },
        ),
        migrations.AlterModelOptions(
            name="patient",
            options={
                "permissions": [("view_personal", "查看完整的电话、证件号码和住址")],
                "verbose_name": "病人",
                "verbose_name_plural": "病人",
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
        migrations.AlterField(
            model_name="patient",
            name="document_last4",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=4),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_membershipevent" ("accepts_activities", "accepts_follow_up", "accepts_post", "document_index", "document_type", "enrolled_at", "enrolled_by_id", "guardian_name", "guardian_phone", "guardian_relation", "id", "imported_in_id", "joined_on", "number", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signature_id", "signed_on") VALUES (NEW."accepts_activities", NEW."accepts_follow_up", NEW."accepts_post", NEW."document_index", NEW."document_type", NEW."enrolled_at", NEW."enrolled_by_id", NEW."guardian_name", NEW."guardian_phone", NEW."guardian_relation", NEW."id", NEW."imported_in_id", NEW."joined_on", NEW."number", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."signature_id", NEW."signed_on"); RETURN NULL;',
                    hash="185579a61faae00fd03a2efbe86c00c30d402519",
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
                    func='INSERT INTO "members_membershipevent" ("accepts_activities", "accepts_follow_up", "accepts_post", "document_index", "document_type", "enrolled_at", "enrolled_by_id", "guardian_name", "guardian_phone", "guardian_relation", "id", "imported_in_id", "joined_on", "number", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signature_id", "signed_on") VALUES (NEW."accepts_activities", NEW."accepts_follow_up", NEW."accepts_post", NEW."document_index", NEW."document_type", NEW."enrolled_at", NEW."enrolled_by_id", NEW."guardian_name", NEW."guardian_phone", NEW."guardian_relation", NEW."id", NEW."imported_in_id", NEW."joined_on", NEW."number", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."signature_id", NEW."signed_on"); RETURN NULL;',
                    hash="9b5448e856983deedaa8b72304322605d05f1090",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f5071",
                    table="members_membership",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="accesslog",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="查看人",
            ),
        ),
        migrations.AddField(
            model_name="accesslog",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accesses",
                to="members.patient",
                verbose_name="病人",
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="given_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="发卡人",
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="制卡人",
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="membership",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cards",
                to="members.membership",
                verbose_name="会员",
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="stopped_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="停用人",
            ),
        ),
        migrations.AddField(
            model_name="detailschange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经手人",
            ),
        ),
        migrations.AddField(
            model_name="detailschange",
            name="membership",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.membership",
                verbose_name="会员",
            ),
        ),
        migrations.AddField(
            model_name="detailschange",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="details_changes",
                to="members.patient",
                verbose_name="病人",
            ),
        ),
        migrations.AddField(
            model_name="jointalk",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="征询人",
            ),
        ),
        migrations.AddField(
            model_name="jointalk",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="join_talks",
                to="members.patient",
                verbose_name="病人",
            ),
        ),
        migrations.AddField(
            model_name="searchkey",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="search_keys",
                to="members.patient",
                verbose_name="病人",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures",
                to="members.patient",
                verbose_name="病人",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="taken_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经手人",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="signature",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                help_text="空：在纸质登记表上签字",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="members.signature",
                verbose_name="电子签名",
            ),
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="signature",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                help_text="空：在纸质登记表上签字",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.signature",
                verbose_name="电子签名",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesslog",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "what__contained_by",
                        ["phone", "document", "address", "guardian_phone", "registration_form"],
                    ),
                    ("what__len__gt", 0),
                ),
                name="access_log_names_what",
                violation_error_message="查看记录须写明看了什么",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesslog",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="access_log_reason",
                violation_error_message="查看完整资料须填写原因",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stopped_at", None)),
                fields=("membership",),
                name="card_one_live",
                violation_error_message="一位会员只能有一张有效的卡，请先挂失原卡",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                fields=("membership", "serial"),
                name="card_serial_once",
                violation_error_message="同一位会员的卡不能有两张序号相同",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^8[0-9]{11}$")),
                name="card_number_shape",
                violation_error_message="卡号应为以 8 开头的 12 位数字",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_at", None), ("given_by", None)),
                    models.Q(("given_at__isnull", False), ("given_by__isnull", False)),
                    _connector="OR",
                ),
                name="card_given_whole",
                violation_error_message="发卡时间和发卡人须一并填写",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("document_shown", ""),
                        ("stopped_at", None),
                        ("stopped_by", None),
                        ("stopped_reason", ""),
                    ),
                    models.Q(
                        ("document_shown__in", DOCUMENT_TYPES),
                        ("stopped_at__isnull", False),
                        ("stopped_by__isnull", False),
                        ("stopped_reason__in", ("lost", "damaged")),
                    ),
                    _connector="OR",
                ),
                name="card_stopped_whole",
                violation_error_message="停用会员卡须有时间、经手人、原因和出示的证件",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("given_at", None), ("given_at__gte", models.F("made_at")), _connector="OR"
                    ),
                    models.Q(
                        ("stopped_at", None),
                        ("stopped_at__gte", models.F("made_at")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("given_at", None),
                        ("stopped_at", None),
                        ("stopped_at__gte", models.F("given_at")),
                        _connector="OR",
                    ),
                ),
                name="card_in_order",
                violation_error_message="会员卡应先制卡，再发卡，最后停用",
            ),
        ),
        migrations.AddConstraint(
            model_name="detailschange",
            constraint=models.CheckConstraint(
                condition=models.Q(("fields__len__gt", 0)),
                name="details_change_names_fields",
                violation_error_message="资料修改须写明修改了哪些内容",
            ),
        ),
        migrations.AddConstraint(
            model_name="detailschange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("document_shown", ""), ("membership", None)),
                    ("document_shown__in", DOCUMENT_TYPES),
                    _connector="OR",
                ),
                name="details_change_document_shown",
                violation_error_message="修改会员资料须记录会员出示的证件",
            ),
        ),
        migrations.AddIndex(
            model_name="jointalk",
            index=models.Index(fields=["patient", "-talked_at"], name="join_talk_newest"),
        ),
        migrations.AddConstraint(
            model_name="jointalk",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ("agreed", "later", "declined"))),
                name="join_talk_outcome_known",
                violation_error_message="不认识这种答复",
            ),
        ),
        migrations.AddConstraint(
            model_name="jointalk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ask_again_on__isnull", False), ("outcome", "later")),
                    models.Q(models.Q(("outcome", "later"), _negated=True), ("ask_again_on", None)),
                    _connector="OR",
                ),
                name="join_talk_ask_again_when_later",
                violation_error_message="“以后再问”须写明哪一天再问，其他答复不写",
            ),
        ),
        migrations.AddIndex(
            model_name="searchkey",
            index=models.Index(
                fields=["key"], name="search_key_begins", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="searchkey",
            constraint=models.UniqueConstraint(
                fields=("patient", "key"),
                name="search_key_once",
                violation_error_message="同一份档案的检索码不能重复",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True), models.Q(("image", ""), _negated=True)
                ),
                name="signature_whole",
                violation_error_message="电子签名须有签署的内容和签名",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                name="signature_digest_is_keyed_hash",
                violation_error_message="电子签名缺少签署内容的摘要",
            ),
        ),
        migrations.RunSQL(KEPT.read_text(encoding="utf-8"), UNDO),
    ]

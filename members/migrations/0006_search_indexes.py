import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0005_first_cards")]

    operations = [
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["document_last4"], name="patient_document_tail"),
        ),
        migrations.AlterField(
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
    ]

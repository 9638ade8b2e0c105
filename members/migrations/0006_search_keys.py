from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from members.rules import search_keys

AT_ONCE = 2000
WRITE = """
INSERT INTO members_searchkey (patient_id, key) SELECT * FROM unnest(%s::bigint[], %s::text[])
    ON CONFLICT DO NOTHING
"""


def write(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Files from before keys were kept are found by their names as well."""
    names = apps.get_model("members", "Patient").objects.order_by("pk").values_list("pk", "name")
    last = 0
    while files := names.filter(pk__gt=last)[:AT_ONCE]:
        rows = [(pk, key) for pk, name in files for key in search_keys(name)]
        with editor.connection.cursor() as cursor:
            cursor.execute(WRITE, [[pk for pk, _ in rows], [key for _, key in rows]])
        last = files[len(files) - 1][0]


class Migration(migrations.Migration):
    dependencies = [("members", "0005_first_cards")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]

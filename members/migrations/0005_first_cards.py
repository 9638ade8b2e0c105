import secrets
from collections.abc import Iterator

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from members.rules import card_number

AT_ONCE = 2000


def numbers() -> Iterator[str]:
    drawn: set[int] = set()
    while True:
        number = secrets.randbelow(10**10)
        if number not in drawn:
            drawn.add(number)
            yield card_number(number)


def make(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Members from before cards were kept get their electronic card (C21)."""
    membership, card = (apps.get_model("members", name) for name in ("Membership", "Card"))
    without = membership.objects.filter(cards=None).only("enrolled_at", "enrolled_by")
    cards = (
        card(
            membership=member,
            serial=1,
            number=number,
            made_at=member.enrolled_at,
            made_by_id=member.enrolled_by_id,
        )
        for member, number in zip(without.iterator(chunk_size=AT_ONCE), numbers(), strict=False)
    )
    card.objects.bulk_create(cards, batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("members", "0004_front_desk")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]

"""Whether cards and signatures are what was made and signed."""

from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from members import rules
from members.models import Card, Signature, signature_digest
from staff.models.encrypted import decrypted

# A card stops at the moment at which the next one is made.
_OUT_OF_LINE = """
SELECT number FROM (
    SELECT id, number, serial, stopped_at, row_number() OVER line AS place,
           lead(made_at) OVER line AS next_made_at
      FROM members_card WINDOW line AS (PARTITION BY membership_id ORDER BY serial)) card
 WHERE serial <> place OR stopped_at IS DISTINCT FROM next_made_at
 ORDER BY id
"""


def broken_cards() -> Iterator[str]:
    """Cards with a wrong check digit, and those that do not follow each other."""
    for number in Card.objects.order_by("pk").values_list("number", flat=True).iterator():
        if not rules.is_card_number(number):
            yield f"卡号 {number} 的校验位不对"
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_LINE)
        for (number,) in cursor.fetchall():
            yield f"会员卡 {number} 与该会员前后的卡接不上"


def broken_signatures() -> Iterator[str]:
    """Signatures whose text or drawing is not what was signed."""
    stored = Signature.objects.order_by("pk").values_list(
        "patient__file_number",
        Cast("text", TextField()),
        Cast("image", TextField()),
        "digest",
    )
    for file_number, text, image, digest in stored.iterator(chunk_size=200):
        try:
            signed = decrypted(text), decrypted(image)
        except InvalidToken:
            yield f"档案 {file_number} 的电子签名的密文无法解密"
            continue
        if digest != signature_digest(*signed):
            yield f"档案 {file_number} 的电子签名与签署的内容不符"

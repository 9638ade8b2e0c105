"""What somebody who joins reads on the screen and signs (R28, R69)."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from members.rules.documents import DOCUMENT_TYPES, RESIDENT_ID
from members.rules.enrolment import CONSENTS
from members.rules.person import SEXES
from staff.exceptions import Refusal

LARGEST_IMAGE = 200_000

_PNG = b"\x89PNG\r\n\x1a\n"
_DATA_URL = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)", re.ASCII)
_ANSWERS = {True: "是", False: "否"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature made on the screen: the text that stood there, and the drawing (PNG, base64)."""

    text: str
    image: str


def signing_text(
    given: Mapping[str, object], *, title: str, benefits: Sequence[str], day: date
) -> str:
    """The registration form as it is signed: its fields in the paper's order, what was explained.

    `given` is shown as it is: a number of which the screen shows only the end is signed so, too.
    """
    lines = [title, *_person(given), *_consents(given), *_guardian(given)]
    if benefits:
        lines += ["已向本人讲解的会员待遇：", *(f"· {line}" for line in benefits)]
    return "\n".join([*lines, f"签字日期：{day}"])


def _person(given: Mapping[str, object]) -> list[str]:
    kind = str(given.get("document_type") or RESIDENT_ID)
    document = "身份证号" if kind == RESIDENT_ID else f"{DOCUMENT_TYPES.get(kind, '证件')}号码"
    return [
        f"姓名：{given.get('name') or ''}",
        f"性别：{SEXES.get(str(given.get('sex')), '')}",
        f"电话：{given.get('phone') or ''}",
        f"出生年月：{given.get('birth_date') or ''}",
        f"{document}：{given.get('id_number') or ''}",
        f"家庭住址：{given.get('address') or ''}",
    ]


def _consents(given: Mapping[str, object]) -> list[str]:
    return [f"{label}：{_ANSWERS[given.get(field) is True]}" for field, label in CONSENTS.items()]


def _guardian(given: Mapping[str, object]) -> list[str]:
    if not given.get("guardian_name"):
        return []
    said = (given.get(f"guardian_{part}") or "" for part in ("name", "relation", "phone"))
    return ["监护人：{}（{}），电话 {}".format(*said)]


def signature_image(drawn: str) -> str:
    """The drawing that the browser sent as a data URL, as base64 of a PNG.

    Raises Refusal 422 for anything else.
    """
    found = _DATA_URL.fullmatch(drawn)
    if found and len(drawn) <= LARGEST_IMAGE and _is_png(found[1]):
        return found[1]
    raise Refusal("not_a_signature", 422, "没有收到签名，请重新签字，或选择纸质签字", "signing")


def _is_png(encoded: str) -> bool:
    try:
        return base64.b64decode(encoded, validate=True).startswith(_PNG)
    except binascii.Error:
        return False

"""Who has gifts to collect and services about to lapse, on the page and as a file (R38)."""

from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Membership
from rewards.models import Deferral
from scheme.models import Item
from staff.models import User
from tests.desk.conftest import browser_of
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

LIST = reverse("unclaimed")


@pytest.fixture
def senior(scheme: object) -> Membership:
    """Somebody who has a gift and a scaling of this year."""
    return member(patient("W1", name="林平"), "5000", name="林平", phone="13887430201")


def test_the_list_says_who_has_what_to_collect(as_front_desk: Client, senior: Membership) -> None:
    page = words(as_front_desk.get(LIST))
    assert "林平" in page and "口腔保健礼品（50元） 1 份" in page and "长期有效" in page
    assert "•••••••0201" in page and "13887430201" not in page


def test_services_are_listed_with_their_last_day(as_front_desk: Client, senior: Membership) -> None:
    page = words(as_front_desk.get(LIST, {"tab": "services"}))
    assert "超声波洁牙（带抛光脱敏） 1 次" in page
    assert f"{timezone.localdate().year}-12-31" in page
    assert "面部护理 1 次" not in page, "it has no end"
    every = words(as_front_desk.get(LIST, {"tab": "services", "within": "all"}))
    assert "面部护理 1 次，长期有效" in every


def test_why_it_was_put_off_stands_beside_it(as_front_desk: Client, senior: Membership) -> None:
    gift = Item.objects.get(code="gift_50")
    Deferral.objects.create(
        membership=senior,
        item=gift,
        period="once:senior",
        reason="下次带家人一起领",
        put_off_at=timezone.now(),
        by=User.objects.system(),
    )
    assert "推迟：下次带家人一起领" in words(as_front_desk.get(LIST))
    assert "林平" not in words(as_front_desk.get(LIST, {"put_off": "no"}))
    assert "林平" in words(as_front_desk.get(LIST, {"put_off": "yes"}))


def test_a_filter_that_makes_no_sense_is_left_out(
    as_front_desk: Client, senior: Membership
) -> None:
    asked = {"tab": "x", "tier": "king", "item": "nan", "within": "-1", "page": "²"}
    assert "林平" in words(as_front_desk.get(LIST, asked))
    assert "没有符合条件的会员" in words(as_front_desk.get(LIST, {"tier": "vip"}))


def test_before_the_first_scheme_and_without_members_the_list_is_empty(
    as_front_desk: Client,
) -> None:
    assert "没有符合条件的会员" in words(as_front_desk.get(LIST))


def test_the_page_takes_as_many_statements_for_one_member_as_for_many(
    as_front_desk: Client, senior: Membership
) -> None:
    def taken() -> int:
        with CaptureQueriesContext(connection) as statements:
            as_front_desk.get(LIST)
        return len(statements)

    taken()
    for_one = taken()
    for _ in range(4):
        member(patient(), "5000")
    assert taken() == for_one <= 20


def test_r41_the_file_has_both_parts_and_no_whole_phone(senior: Membership) -> None:
    marketing = browser_of(user("市场部"))
    answer = marketing.post(reverse("export_unclaimed"), {"reason": "年底提醒会员"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    headings, *rows = openpyxl.load_workbook(BytesIO(content)).worksheets[0].values
    assert headings[0] == "种类" and [row[0] for row in rows] == ["礼品", "服务"]
    assert "13887430201" not in str(rows) and "•••••••0201" in str(rows)
    assert "导出" in squeezed(marketing.get(LIST))

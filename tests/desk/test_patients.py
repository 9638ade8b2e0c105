from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from tests.desk.words import squeezed, words
from tests.factories.members import patient, resident_id
from tests.factories.points import corrected, member, receipt, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

SEARCH = reverse("patients")
NEW = reverse("patient_new")


def page_of(someone: Patient) -> str:
    return reverse("patient", args=[someone.pk])


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("赵无名", "name", "赵无名"),
        ("A-77", "file_number", "A-77"),
        ("Maria Garcia", "name", "Maria Garcia"),
        ("zgf", "name", None),
        ("0101", "file_number", None),
        ("13887430103", "phone", "13887430103"),
        ("53030219850312001X", "id_number", "53030219850312001X"),
    ],
)
def test_a_new_file_starts_with_what_was_typed(
    as_front_desk: Client, typed: str, field: str, value: str | None
) -> None:
    form = as_front_desk.post(NEW, {"typed": typed}).context["form"]
    assert form[field].value() == value


def new_file(**given: str) -> dict[str, str]:
    return {"file_number": "N1", "name": "孙明", "document_type": "resident_id", **given}


def test_a_new_file_opens_the_patients_page(as_front_desk: Client) -> None:
    number = resident_id("19900520", serial=12)
    typed = new_file(
        phone="１３８８７４３０１０４", id_number=number, address="曲靖市麒麟区翠峰街道3号"
    )
    response = as_front_desk.post(NEW, typed, follow=True)
    made = Patient.objects.get(file_number="N1")
    assert response.redirect_chain == [(page_of(made), 302)]
    page = words(response)
    assert "已新建档案 N1" in page
    assert "孙明" in page and "女" in page and "1990-05-20" in page
    assert "•••••••0104" in page and "13887430104" not in page and number not in page
    assert "翠峰街道3号" not in page


def test_the_same_new_file_twice_is_that_file(as_front_desk: Client) -> None:
    for _ in range(2):
        assert as_front_desk.post(NEW, new_file(phone="13887430104")).status_code == 302
    assert Patient.objects.count() == 1


def test_an_existing_file_number_is_refused_and_linked(as_front_desk: Client) -> None:
    known = patient("N1", name="孙大明", phone="13887430105")
    response = as_front_desk.post(NEW, new_file(phone="13887430106"))
    assert response.status_code == 200
    assert "档案号 N1 已经有档案，没有改动它" in words(response)
    assert f'href="{page_of(known)}"' in response.content.decode()
    assert response.context["form"]["phone"].value() == "13887430106"
    known.refresh_from_db()
    assert (known.name, known.phone) == ("孙大明", "13887430105")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"name": "孙\x00明"}, "姓名含有无法识别的字符"),
        ({"name": "孙" * 51}, "姓名最多 50 个字"),
        ({"file_number": "9" * 65}, "档案号最多 64 个字"),
        ({"sex": "other"}, "请从列出的选项中选择性别"),
        ({"birth_date": "2999-01-01"}, "出生日期 2999-01-01 在今天之后"),
        ({"birth_date": "昨天"}, "出生日期应写作 2026-01-31 这样的日期"),
        ({"phone": "12345"}, "电话应为 11 位手机号"),
        ({"id_number": "530302198503120011"}, "身份证号的校验位不对"),
        ({"document_type": "library"}, "请从列出的选项中选择证件类型"),
        ({"address": "x" * 900_000}, "家庭住址最多 200 个字"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    as_front_desk: Client, given: dict[str, str], sentence: str
) -> None:
    response = as_front_desk.post(NEW, new_file(**given))
    assert sentence in words(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert not Patient.objects.exists()


def test_a_day_may_be_written_in_many_ways(as_front_desk: Client) -> None:
    for count, typed in enumerate(("19850312", "1985.3.12", "1985年3月12日", "１９８５-03-12")):
        as_front_desk.post(NEW, new_file(file_number=f"D{count}", birth_date=typed))
        made = Patient.objects.get(file_number=f"D{count}")
        assert str(made.birth_date) == "1985-03-12"


def test_the_member_page_says_level_cause_points_and_what_is_missing(as_cashier: Client) -> None:
    someone = patient("M1", name="钱多多")
    number = member(someone, "5000", guardian_name="").number
    receipt(someone, "100.50", number="R-77")
    page = squeezed(as_cashier.get(page_of(someone)))
    today = timezone.localdate()
    assert f"会员号{number}" in page
    assert f"{today}一次性消费5,000元，直接升级为高级会员" in page
    assert "累计积分5,100分" in page and "可用积分" not in page
    assert "距VIP会员：一次性消费再满4,900分" in page and "或累计再满9,900分" in page
    assert "R-77100.50+1005,100" in page
    assert "接受回访是接受杂志邮寄否接受活动邀请是" in page
    assert "•••••••1234" in page and "13987451234" not in page


def test_whoever_can_join_gets_the_button(as_cashier: Client, as_doctor: Client) -> None:
    someone = patient("M2")
    receipt(someone, "1000")
    enrol = f'href="{reverse("enrol", args=[someone.pk])}"'
    page = as_cashier.get(page_of(someone))
    assert "可以入会" in words(page) and enrol in page.content.decode()
    seen_by_doctor = as_doctor.get(page_of(someone))
    assert enrol not in seen_by_doctor.content.decode()
    assert "积分流水" not in words(seen_by_doctor)


def test_a_patient_without_receipts_is_told_what_is_missing(as_front_desk: Client) -> None:
    page = words(as_front_desk.get(page_of(patient("M3"))))
    assert "非会员" in page and "还差 1,000 分可以入会" in page and "还没有积分" in page
    assert "收费" not in page.split("积分流水")[0].split("主题")[-1]


def test_an_open_review_is_shown_plainly(as_cashier: Client) -> None:
    someone = patient("M4")
    member(someone, "5000")
    refund(receipt(someone, "10000").receipt_number, "10000")
    assert "级别复核待定" in words(as_cashier.get(page_of(someone)))


def test_the_ledger_is_paged_and_takes_few_queries(
    as_cashier: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    someone = patient("M5")
    member(someone, "1000")
    now = timezone.now()
    for number in range(24):
        receipt(someone, "10", number=f"L{number:02}", at=now - timedelta(minutes=60 - number))
    with django_assert_max_num_queries(30):
        first = words(as_cashier.get(page_of(someone)))
    assert "L23" in first and "L03" not in first and "第 1 页，共 2 页" in first
    assert "L03" in words(as_cashier.get(page_of(someone), {"page": "2"}))
    assert as_cashier.get(page_of(someone), {"page": "x\x00"}).status_code == 200


@pytest.mark.parametrize("pk", [0, 10**30])
def test_an_unknown_patient_is_not_found(as_cashier: Client, pk: int) -> None:
    for name in ("patient", "take_payment", "enrol"):
        assert as_cashier.get(reverse(name, args=[pk])).status_code == 404


def test_a_role_that_opens_no_files_is_not_offered_one(as_doctor: Client) -> None:
    assert as_doctor.get(NEW).status_code == 403


def test_pages_that_only_read_refuse_to_be_posted_to(as_cashier: Client) -> None:
    someone = patient("M6")
    assert as_cashier.post(SEARCH).status_code == 405
    assert as_cashier.post(page_of(someone)).status_code == 405


def test_a_member_on_a_wrong_receipt_is_a_member_without_a_level(as_front_desk: Client) -> None:
    someone = patient("M4")
    receipt(someone, "1000", number="S1")
    member(someone, "1", name=someone.name)
    corrected("S1", void=True)
    page = words(as_front_desk.get(page_of(someone)))
    assert "会员，暂无级别" in page and "非会员" not in page
    assert "再满 999 分达到普通会员" in page

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership, Patient
from tests.desk.words import squeezed, words
from tests.factories.members import patient, resident_id
from tests.factories.points import member, receipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

ADULT = resident_id("19850312", serial=7)
CHILD = resident_id("20180601", serial=8)


@pytest.fixture
def someone(scheme: object) -> Patient:
    """A patient who can join, with phone, document and address in the file."""
    made = patient(
        "E1",
        name="林平",
        phone="13887430201",
        document_type="resident_id",
        id_number=ADULT,
        address="云南省曲靖市麒麟区南宁西路9号",
    )
    receipt(made, "1000")
    return made


def enrol_page(someone: Patient) -> str:
    return reverse("enrol", args=[someone.pk])


def answers(**given: str) -> dict[str, str]:
    """The form as it is sent when the file already holds everything."""
    return {
        "name": "林平",
        "sex": "male",
        "phone": "",
        "birth_date": "1985-03-12",
        "document_type": "resident_id",
        "id_number": "",
        "address": "",
        "accepts_follow_up": "yes",
        "accepts_post": "no",
        "accepts_activities": "yes",
        "explained": "on",
        "signing": "paper",
        "signed_on": timezone.localdate().isoformat(),
        **given,
    }


def test_the_form_follows_the_paper_and_shows_no_number(
    as_cashier: Client, someone: Patient
) -> None:
    response = as_cashier.get(enrol_page(someone))
    page, source = words(response), response.content.decode()
    order = (
        "姓名 性别 电话 出生年月 身份证号 家庭住址 是否愿意接受回访 "
        "是否愿意接受精美杂志的邮寄投递 是否愿意接受会员回馈活动的邀请 会员签字 日期"
    )
    form = page[page.index("曲靖口腔医院会员登记表") :]
    places = [form.index(label, form.index("姓名")) for label in order.split()]
    assert places == sorted(places)
    assert 'placeholder="•••••••0201"' in source
    for secret in ("13887430201", ADULT, "南宁西路9号"):
        assert secret not in source


def test_the_form_tells_what_the_level_brings(as_cashier: Client, someone: Patient) -> None:
    page = squeezed(as_cashier.get(enrol_page(someone)))
    assert "请向病人讲解会员待遇入会后为普通会员" in page and "口腔保健礼品" in page
    assert "已向病人讲解会员待遇" in page


def test_what_nobody_touched_keeps_a_colleague_s_change(
    as_cashier: Client, someone: Patient
) -> None:
    form = as_cashier.get(enrol_page(someone)).context["form"]
    shown = {
        form[name].html_initial_name: form[name].value() for name in ("name", "sex", "birth_date")
    }
    assert set(shown) == {"initial-name", "initial-sex", "initial-birth_date"}
    Patient.objects.filter(pk=someone.pk).update(name="林平之")
    as_cashier.post(enrol_page(someone), answers(**shown))
    assert Membership.objects.get().patient.name == "林平之"


def test_what_was_typed_goes_into_the_file(as_cashier: Client, someone: Patient) -> None:
    as_cashier.post(enrol_page(someone), answers(name="林平之", **{"initial-name": "林平"}))
    assert Membership.objects.get().patient.name == "林平之"


def test_what_is_left_empty_is_kept(as_cashier: Client, someone: Patient) -> None:
    response = as_cashier.post(enrol_page(someone), answers(), follow=True)
    membership = Membership.objects.get()
    assert f"入会成功，会员号 {membership.number}" in words(response)
    assert "普通会员" in words(response) and "请打印登记表" not in words(response)
    someone.refresh_from_db()
    assert someone.phone == "13887430201" and someone.document_number == ADULT
    assert someone.address.endswith("南宁西路9号")


def test_who_signs_on_paper_is_given_the_form_to_sign(
    as_front_desk: Client, someone: Patient
) -> None:
    response = as_front_desk.post(enrol_page(someone), answers(), follow=True)
    assert "纸质签字：请打印登记表（F9），会员签字后存档。" in words(response)


def test_what_is_typed_replaces_the_file(as_cashier: Client, someone: Patient) -> None:
    as_cashier.post(enrol_page(someone), answers(phone="0874-3123456", address="沾益区龙华路1号"))
    someone.refresh_from_db()
    assert someone.phone == "08743123456" and someone.address == "沾益区龙华路1号"


def test_enrolling_twice_makes_one_member(as_cashier: Client, someone: Patient) -> None:
    for _ in range(2):
        assert as_cashier.post(enrol_page(someone), answers()).status_code == 302
    assert Membership.objects.count() == 1
    assert as_cashier.get(enrol_page(someone)).status_code == 302


def test_another_kind_of_document_needs_its_number(as_cashier: Client, someone: Patient) -> None:
    response = as_cashier.post(enrol_page(someone), answers(document_type="passport"))
    assert "更换证件类型时，请填写新证件的号码" in words(response)
    typed = answers(document_type="passport", id_number="e12345678")
    as_cashier.post(enrol_page(someone), typed)
    assert Membership.objects.get().patient.document_number == "E12345678"


def test_a_child_needs_a_guardian(as_cashier: Client) -> None:
    child = patient("E2", name="小宝")
    receipt(child, "2000")
    typed = answers(
        name="小宝",
        sex="",
        birth_date="",
        id_number=CHILD,
        phone="13887430202",
        address="麒麟区1号",
    )
    typed["sex"] = "female"
    response = as_cashier.post(enrol_page(child), typed)
    assert "未满 18 岁须填写监护人姓名、与会员的关系和电话" in words(response)
    assert "data-guardian open" in " ".join(response.content.decode().split())
    typed |= {
        "guardian_name": "林平",
        "guardian_relation": "父亲",
        "guardian_phone": "13887430201",
    }
    page = words(as_cashier.post(enrol_page(child), typed, follow=True))
    assert "林平（父亲），电话 •••••••0201" in page and "13887430201" not in page


def test_a_passport_holder_says_sex_and_birth_date(as_cashier: Client) -> None:
    guest = patient("E6", name="SMITH JOHN")
    receipt(guest, "1000")
    typed = answers(name="SMITH JOHN", phone="13887430204", address="麒麟区交通路5号")
    typed |= {"document_type": "passport", "id_number": "ｅ１２３４５６７８", "birth_date": ""}
    page = as_cashier.post(enrol_page(guest), typed)
    assert "请填写出生日期" in words(page) and not Membership.objects.exists()
    as_cashier.post(enrol_page(guest), typed | {"birth_date": "1980年1月2日"})
    made = Membership.objects.get().patient
    assert (made.document_number, str(made.birth_date)) == ("E12345678", "1980-01-02")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"accepts_post": ""}, "请回答是或否：是否愿意接受精美杂志的邮寄投递"),
        ({"explained": ""}, "请先向病人讲解会员待遇，再办理入会"),
        ({"sex": "female"}, "身份证号上的性别是男，填写的是女"),
        ({"birth_date": "19850313"}, "身份证号上的出生日期是 1985-03-12"),
        ({"signed_on": "2999-01-01"}, "签字日期不能晚于今天"),
        ({"signed_on": "2020-01-01"}, "签字日期不能早于达到入会标准的日期"),
        ({"signed_on": ""}, "请填写日期"),
        ({"signing": ""}, "请选择在屏幕上签字，还是在纸上签字"),
        ({"signing": "screen"}, "请会员在屏幕上签字，或选择纸质签字"),
        ({"id_number": "53030219850312"}, "身份证号应为 18 位"),
        ({"phone": "1\x0038"}, "电话含有无法识别的字符"),
        ({"guardian_name": "x" * 51}, "监护人姓名最多 50 个字"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_enrolled(
    as_cashier: Client, someone: Patient, given: dict[str, str], sentence: str
) -> None:
    assert sentence in words(as_cashier.post(enrol_page(someone), answers(**given)))
    assert not Membership.objects.exists()


def test_all_that_is_wrong_is_said_at_once(as_cashier: Client, someone: Patient) -> None:
    given = {"phone": "12", "id_number": "53030219850312", "accepts_post": "", "explained": ""}
    page = words(as_cashier.post(enrol_page(someone), answers(**given, guardian_name="林安")))
    for sentence in (
        "电话应为 11 位手机号",
        "身份证号应为 18 位",
        "请回答是或否：是否愿意接受精美杂志的邮寄投递",
        "请先向病人讲解会员待遇，再办理入会",
        "请填写与会员的关系",
    ):
        assert sentence in page
    both = words(as_cashier.post(enrol_page(someone), answers(sex="female", birth_date="19850313")))
    assert "身份证号上的性别是男" in both and "身份证号上的出生日期是 1985-03-12" in both


def test_what_was_typed_stays_after_a_refusal(as_cashier: Client, someone: Patient) -> None:
    typed = answers(name="林平之", address="沾益区龙华路1号", accepts_post="")
    form = as_cashier.post(enrol_page(someone), typed).context["form"]
    assert form["name"].value() == "林平之" and form["address"].value() == "沾益区龙华路1号"


def test_gaps_of_an_empty_file_are_named(as_cashier: Client) -> None:
    bare = patient("E3", name="空白")
    receipt(bare, "1000")
    typed = answers(name="空白", birth_date="")
    assert "请填写电话" in words(as_cashier.post(enrol_page(bare), typed))
    typed["phone"] = "13887430203"
    assert "请填写身份证号（或其他证件号）" in words(as_cashier.post(enrol_page(bare), typed))


def test_one_person_is_one_member(as_cashier: Client, someone: Patient) -> None:
    member(patient("E4"), id_number=resident_id("19700101", serial=5))
    typed = answers(id_number=resident_id("19700101", serial=5), birth_date="")
    assert "该证件已办理过会员，一人只能有一个会员" in words(
        as_cashier.post(enrol_page(someone), typed)
    )


def test_who_cannot_join_yet_hears_what_is_missing(as_cashier: Client) -> None:
    bare = patient("E5", name="空白")
    receipt(bare, "400")
    page = words(as_cashier.get(enrol_page(bare)))
    assert "现在还不能入会" in page and "还差 600 分" in page
    typed = answers(phone="13887430203", id_number=ADULT, address="麒麟区1号")
    assert "积分未达入会标准，还差 600 分" in words(as_cashier.post(enrol_page(bare), typed))


def test_the_form_takes_few_queries(
    as_cashier: Client, someone: Patient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(13):
        as_cashier.get(enrol_page(someone))


def test_only_the_desk_enrols(as_doctor: Client, someone: Patient) -> None:
    assert as_doctor.get(enrol_page(someone)).status_code == 403
    assert as_doctor.post(enrol_page(someone), answers()).status_code == 403

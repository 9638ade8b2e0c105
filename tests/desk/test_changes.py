"""Changing a file's data (R30): the document shown, the old values, two colleagues at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desk.views import changes
from members.models import DetailsChange, Membership, Patient
from members.operations.changes import change_details
from members.queries.changes import record_of, seen_of
from staff.exceptions import Refusal
from staff.models import User
from tests.desk.words import squeezed, words
from tests.factories.members import patient, resident_id
from tests.factories.merging import linked
from tests.factories.points import member
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

ADULT = resident_id("19850312", serial=41)
CHILD = resident_id("20180601", serial=42)


@pytest.fixture
def someone(scheme: object) -> Patient:
    """A member with every field of the form."""
    made = patient("C1", name="林平")
    member(made, name="林平", phone="13887430401", id_number=ADULT, address="麒麟区南宁西路9号")
    made.refresh_from_db()
    return made


def page_of(someone: Patient) -> str:
    return reverse("change_patient", args=[someone.pk])


def as_shown(client: Client, someone: Patient) -> dict[str, str]:
    """What the browser sends when nobody has touched the form."""
    form = client.get(page_of(someone)).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        sent[field.html_name] = str(value or "")
        if field.field.show_hidden_initial:
            sent[field.html_initial_name] = str(value or "")
    return sent


def changed(client: Client, someone: Patient, **given: str) -> Any:
    """The answer to a form with these fields changed."""
    sent = as_shown(client, someone) | {"document_shown": "resident_id"} | given
    return client.post(page_of(someone), sent, follow=True)


def squeezed_source(client: Client, someone: Patient) -> str:
    return " ".join(client.get(page_of(someone)).content.decode().split())


def test_only_what_changed_is_recorded_with_the_document(
    as_front_desk: Client, someone: Patient
) -> None:
    page = changed(as_front_desk, someone, address="沾益区龙华路1号", accepts_post="yes")
    assert "已保存：修改了 2 项资料" in words(page)
    made = DetailsChange.objects.get()
    assert made.fields == ["address", "accepts_post"]
    assert made.document_shown == "resident_id" and made.membership_id
    someone.refresh_from_db()
    assert (someone.address, someone.phone) == ("沾益区龙华路1号", "13887430401")
    assert Membership.objects.get().accepts_post


def test_the_member_page_shows_the_old_values_masked(
    as_front_desk: Client, someone: Patient
) -> None:
    changed(as_front_desk, someone, phone="13887430402", guardian_name="林安")
    typed = {"phone": "13887430403", "address": "沾益区龙华路1号", "accepts_post": "yes"}
    changed(as_front_desk, someone, **typed, note="搬家")
    changed(as_front_desk, someone, accepts_post="no", name="林平之")
    response = as_front_desk.get(reverse("patient", args=[someone.pk]))
    page = squeezed(response)
    history = page[page.index("资料修改记录") :]
    assert "出示居民身份证" in history and "搬家" in history
    names = ("姓名原为林平", "是否愿意接受精美杂志的邮寄投递原为是")
    older = ("电话原为•••••••0401", "家庭住址原为麒麟区南宁西……")
    for said in (*names, *older, "是否愿意接受精美杂志的邮寄投递原为否"):
        assert said in history
    for secret in ("13887430401", "13887430402", "南宁西路9号"):
        assert secret not in response.content.decode()


def test_nothing_changed_says_so(as_front_desk: Client, someone: Patient) -> None:
    assert "没有改动任何内容，没有保存" in words(changed(as_front_desk, someone))
    again = changed(as_front_desk, someone, phone="138 8743 0401")
    assert "没有改动任何内容" in words(again) and not DetailsChange.objects.exists()


def test_a_member_shows_a_document(as_front_desk: Client, someone: Patient) -> None:
    page = changed(as_front_desk, someone, phone="13887430402", document_shown="")
    assert "请选择出示的证件" in words(page) and not DetailsChange.objects.exists()


def test_who_is_no_member_needs_none(as_front_desk: Client) -> None:
    bare = patient("C2", name="空白")
    sent = as_shown(as_front_desk, bare) | {"phone": "13887430405"}
    assert "document_shown" not in sent and "accepts_post" not in sent
    as_front_desk.post(page_of(bare), sent)
    assert DetailsChange.objects.get().fields == ["phone"]


def test_two_colleagues_at_once_lose_nothing(
    as_front_desk: Client, as_cashier: Client, cashier: User, someone: Patient
) -> None:
    second = as_shown(as_front_desk, someone) | {"document_shown": "resident_id"}
    second |= {"address": "沾益区龙华路1号", "accepts_follow_up": "no"}
    changed(as_cashier, someone, name="林平之", phone="13887430402")
    response = as_front_desk.post(page_of(someone), second)
    page, form = words(response), response.context["form"]
    assert f"{cashier} 在" in page and "改过这份档案（姓名、电话），您的修改还没有保存" in page
    someone.refresh_from_db()
    assert someone.address == "麒麟区南宁西路9号"
    assert form["name"].value() == "林平之" and form["address"].value() == "沾益区龙华路1号"
    sent = {field.html_name: str(field.value() or "") for field in form}
    sent |= {
        field.html_initial_name: str(form.data.get(field.html_initial_name) or "")
        for field in form
        if field.field.show_hidden_initial
    }
    assert as_front_desk.post(page_of(someone), sent).status_code == 302
    someone.refresh_from_db()
    assert (someone.name, someone.phone) == ("林平之", "13887430402")
    assert someone.address == "沾益区龙华路1号"
    assert not Membership.objects.get().accepts_follow_up
    assert [made.fields for made in DetailsChange.objects.order_by("pk")] == [
        ["name", "phone"],
        ["address", "accepts_follow_up"],
    ]


def test_a_change_saved_while_ours_waits_for_it_is_shown(
    as_front_desk: Client, someone: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(**ours: Any) -> DetailsChange:
        seen = seen_of(record_of(someone, Membership.objects.get()))
        theirs: dict[str, Any] = {"given": {"phone": "13887430402"}, "seen": seen, "by": user()}
        change_details(
            patient_id=someone.pk, document_shown="passport", now=timezone.now(), **theirs
        )
        return change_details(**ours)

    monkeypatch.setattr(changes, "change_details", overtaken)
    form = changed(as_front_desk, someone, address="沾益区龙华路1号").context["form"]
    someone.refresh_from_db()
    assert form["seen"].value() == seen_of(record_of(someone, Membership.objects.get()))
    assert form.fields["phone"].widget.attrs["placeholder"] == "•••••••0402"
    assert form["address"].value() == "沾益区龙华路1号"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"phone": "12"}, "电话应为 11 位手机号"),
        ({"birth_date": "1985-03-13"}, "身份证号上的出生日期是 1985-03-12"),
        ({"document_type": "passport"}, "更换证件类型时，请填写新证件的号码"),
        ({"id_number": "530302198503120011"}, "身份证号的校验位不对"),
        ({"guardian_name": "林安"}, "请填写与会员的关系"),
        ({"note": "x" * 201}, "说明最多 200 个字"),
        ({"document_shown": "library"}, "请从列出的选项中选择出示的证件"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    as_front_desk: Client, someone: Patient, given: dict[str, str], sentence: str
) -> None:
    page = changed(as_front_desk, someone, **given)
    assert page.status_code == 200 and sentence in words(page)
    assert not page.context["form"].non_field_errors() and not DetailsChange.objects.exists()


def test_a_passport_holder_s_new_passport(as_front_desk: Client) -> None:
    guest = patient("C3", name="SMITH JOHN")
    given = {"document_type": "passport", "id_number": "E12345678", "birth_date": "1980-01-02"}
    member(guest, name="SMITH JOHN", sex="male", **given)
    changed(as_front_desk, guest, id_number="e87654321", document_shown="passport")
    guest.refresh_from_db()
    assert guest.document_number == "E87654321" and guest.document_type == "passport"
    assert DetailsChange.objects.get().fields == ["document_number"]
    assert Membership.objects.get().document_index == guest.document_index


def test_another_member_s_document_is_refused(as_front_desk: Client, someone: Patient) -> None:
    member(patient("C4"), id_number=resident_id("19700101", serial=43))
    typed = {"id_number": resident_id("19700101", serial=43), "birth_date": "19700101"}
    page = changed(as_front_desk, someone, **typed)
    assert "该证件已是另一位会员的证件" in words(page)


def test_a_child_keeps_a_guardian(as_front_desk: Client) -> None:
    child = patient("C5", name="小宝")
    guardian = {"guardian_name": "林平", "guardian_relation": "父亲"}
    member(child, name="小宝", id_number=CHILD, sex="", **guardian, guardian_phone="13887430401")
    gone = {"guardian_name": "", "guardian_relation": ""}
    page = changed(as_front_desk, child, **gone, document_shown="other")
    assert "未满 18 岁须有监护人姓名" in words(page)
    changed(as_front_desk, child, guardian_phone="13887430409", document_shown="other")
    assert Membership.objects.get().guardian_phone == "13887430409"
    page = squeezed(as_front_desk.get(reverse("patient", args=[child.pk])))
    assert "监护人电话原为•••••••0401" in page


def test_an_adult_s_guardian_can_go(as_front_desk: Client, someone: Patient) -> None:
    whole = {"guardian_name": "林安", "guardian_relation": "母亲", "guardian_phone": "13887430408"}
    assert "data-guardian open" not in squeezed_source(as_front_desk, someone)
    changed(as_front_desk, someone, **whole)
    assert "data-guardian open" in squeezed_source(as_front_desk, someone)
    changed(as_front_desk, someone, guardian_name="", guardian_relation="")
    found = Membership.objects.get()
    assert (found.guardian_name, found.guardian_phone) == ("", "")


def test_a_merged_file_leads_to_the_one_that_is_left(as_front_desk: Client) -> None:
    kept, gone = patient("C6"), patient("C7")
    linked(kept, gone)
    assert as_front_desk.get(page_of(gone)).headers["Location"] == page_of(kept)
    with pytest.raises(Refusal, match="已并入档案"):
        change_details(
            patient_id=gone.pk, given={}, seen="", by=user(), now=timezone.now() + timedelta(0)
        )


def test_an_unknown_file_is_refused() -> None:
    with pytest.raises(Refusal, match="没有这份档案"):
        change_details(patient_id=0, given={}, seen="", by=user(), now=timezone.now())


def test_the_operation_asks_for_the_document_itself(someone: Patient) -> None:
    record = record_of(someone, Membership.objects.get())
    asked: dict[str, Any] = {"patient_id": someone.pk, "seen": seen_of(record), "by": user()}
    for shown, sentence in (("", "出示证件"), ("library", "不认识这种证件")):
        with pytest.raises(Refusal, match=sentence):
            given = {"phone": "13887430402"}
            change_details(given=given, document_shown=shown, now=timezone.now(), **asked)


def test_the_form_shows_no_number_and_takes_few_queries(
    as_front_desk: Client, someone: Patient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(14):
        source = as_front_desk.get(page_of(someone)).content.decode()
    for secret in ("13887430401", ADULT, "南宁西路9号"):
        assert secret not in source
    assert 'placeholder="•••••••0401"' in source


def test_the_history_takes_few_queries(
    as_front_desk: Client, someone: Patient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(40) as counted:
            as_front_desk.get(reverse("patient", args=[someone.pk]))
        return len(counted)

    changed(as_front_desk, someone, accepts_post="yes")
    once = queries()
    for place in range(4):
        changed(as_front_desk, someone, address=f"沾益区龙华路{place}号", accepts_post="no")
    assert queries() == once


def test_only_the_desk_changes_data(as_doctor: Client, someone: Patient) -> None:
    assert as_doctor.get(page_of(someone)).status_code == 403
    assert "修改资料" not in words(as_doctor.get(reverse("patient", args=[someone.pk])))

"""Using a service at the desk and giving it away."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Membership, Patient
from rewards.models import Use
from rewards.rules import Key
from scheme.models import Item
from staff.models import Doctor
from tests.desk import serving
from tests.desk.serving import SCALING
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.rewards import claimed, doctor, family, priced, this_year, used
from tests.factories.scheme import published
from tests.rewards.bought import bought, spender

pytestmark = pytest.mark.django_db

CARD = "700000000019"
PNG = "data:image/png;base64,iVBORw0KGgo="

vip, friend = serving.vip, serving.friend


@pytest.fixture
def dentist(db: None) -> Doctor:
    return doctor("口腔科", name="平一指")


def address(membership: Membership, key: Key, *, name: str = "use_service", to: object = "") -> str:
    item, period, ordinal, child = key
    named = {"item": item, "period": period, "ordinal": ordinal, "child": child or "", "to": to}
    return f"{reverse(name, args=[membership.patient_id])}?{urlencode(named)}"


def typed(dentist: Doctor, **given: object) -> dict[str, object]:
    return {"doctor": dentist.pk, "slip_number": "P0001", **given}


class TestUse:
    def test_the_page_says_what_it_is_and_what_it_costs_whom_before_it_is_saved(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        page = words(as_front_desk.get(address(vip, this_year(SCALING))))
        assert "超声波洁牙（带抛光脱敏）" in page and "VIP会员 · " in page
        assert "300.00 元" in page and "应付 0 元，不计积分" in page
        assert "市场活动" in page and "平一指（口腔科）" in page
        assert "挂号费" not in page

    def test_a_member_uses_it_and_the_cashier_is_named_next(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        where = address(vip, this_year(SCALING))
        answer = as_front_desk.post(where, typed(dentist), follow=True)
        assert "已登记使用：超声波洁牙（带抛光脱敏），待收费处结算" in words(answer)
        assert "待结算 1 项" in words(answer)
        assert Use.objects.get().beneficiary_id == vip.patient_id

    def test_all_that_is_missing_is_said_at_its_field(
        self, as_front_desk: Client, vip: Membership
    ) -> None:
        Item.objects.filter(code=SCALING).update(list_price=None)
        answer = as_front_desk.post(address(vip, this_year(SCALING)), {})
        assert "请选择医生" in words(answer) and "请填写价目表价格" in words(answer)

    def test_without_signature_or_slip_nothing_is_recorded(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        where = address(vip, this_year(SCALING))
        answer = as_front_desk.post(where, typed(dentist, slip_number=""))
        assert "请会员在屏幕上签字，或填写纸质凭证号" in words(answer)
        assert not Use.objects.exists()

    def test_the_member_signs_what_is_used_by_whom_and_with_whom(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor, friend: Patient
    ) -> None:
        key = this_year(SCALING)
        text_url = address(vip, key, name="use_text", to=friend.pk)
        shown = as_front_desk.post(text_url, typed(dentist, slip_number="")).content.decode()
        assert "使用人：令狐冲（转赠）" in shown and "医生：平一指" in shown
        signed = shown.split("data-signing-text>")[1].split("</")[0]
        given = typed(dentist, slip_number="", signature=PNG, signed_text=signed)
        as_front_desk.post(address(vip, key, to=friend.pk), given)
        use = Use.objects.get()
        assert use.signature and "使用人：令狐冲（转赠）" in use.signature.text

    def test_what_is_not_open_says_why(self, as_front_desk: Client, vip: Membership) -> None:
        used(vip, this_year(SCALING))
        assert "现在不能使用。" in words(as_front_desk.get(address(vip, this_year(SCALING))))

    @pytest.mark.parametrize("key", [("gift_100", "once:vip"), ("air_polishing", "2026")])
    def test_a_gift_or_what_the_level_does_not_bring_is_no_service(
        self, as_front_desk: Client, vip: Membership, key: tuple[str, str]
    ) -> None:
        assert as_front_desk.get(address(vip, (*key, 1, None))).status_code == 404

    @pytest.mark.parametrize("name", ["use_text", "use_find"])
    def test_an_address_that_names_no_service_is_not_found(
        self, as_front_desk: Client, vip: Membership, name: str
    ) -> None:
        where = f"{reverse(name, args=[vip.patient_id])}?ordinal=1"
        assert as_front_desk.post(where, {}).status_code == 404

    def test_somebody_took_it_meanwhile(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        used(vip, this_year(SCALING))
        answer = as_front_desk.post(address(vip, this_year(SCALING)), typed(dentist))
        assert "不能重复登记" in words(answer) and Use.objects.count() == 1

    def test_a_childs_item_is_for_the_child_without_a_choice(
        self, as_front_desk: Client, dentist: Doctor
    ) -> None:
        published()
        priced("child_anti_caries", "120")
        parent = member(patient("D1"), "20000")
        child = patient("D2", name="岳小山", birth_date="2019-05-01")
        family(parent.patient, child)
        where = address(parent, this_year("child_anti_caries", child=child))
        page = words(as_front_desk.get(where))
        assert "家庭儿童使用" in page and "岳小山" in page and "转赠他人" not in page
        as_front_desk.post(where, typed(dentist))
        assert Use.objects.get().beneficiary == child


class TestCards:
    def test_a_scanned_card_leads_to_its_service_and_is_not_scanned_again(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        claimed(vip, this_year(SCALING), code=CARD)
        answer = as_front_desk.get(
            reverse("use_service", args=[vip.patient_id]), {"card": CARD}, follow=True
        )
        assert f'value="{CARD}"' in answer.content.decode()
        assert "领取时已经签收" in words(answer)
        where = address(vip, this_year(SCALING))
        assert "请扫服务卡" in words(as_front_desk.get(where))
        as_front_desk.post(where, {"doctor": dentist.pk, "card_code": CARD})
        assert Use.objects.get().claim

    def test_another_card_is_refused_at_its_field(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        claimed(vip, this_year(SCALING), code=CARD)
        given = {"doctor": dentist.pk, "card_code": "700000000027"}
        answer = as_front_desk.post(address(vip, this_year(SCALING)), given)
        assert "这张服务卡不是这一项的" in words(answer)

    def test_an_unknown_card_is_not_found(self, as_front_desk: Client, vip: Membership) -> None:
        where = reverse("use_service", args=[vip.patient_id])
        assert as_front_desk.get(where, {"card": CARD}).status_code == 404

    def test_where_cards_are_printed_the_card_comes_first(self, as_front_desk: Client) -> None:
        published(service_delivery='"card"')
        vip = member(patient("V1"), "12000")
        page = words(as_front_desk.get(address(vip, this_year(SCALING))))
        assert "请先领取服务卡" in page


class TestGivenAway:
    def test_one_looks_for_somebody_with_a_file_or_chooses_a_relative(
        self, as_front_desk: Client, vip: Membership, friend: Patient
    ) -> None:
        family(vip.patient, patient("D2", name="岳小山", birth_date="2019-05-01"))
        given = address(vip, this_year(SCALING), to="other")
        assert "岳小山" in words(as_front_desk.get(given))
        find = address(vip, this_year(SCALING), name="use_find", to="other")
        found = as_front_desk.post(find, {"q": "令狐冲"})
        assert found.headers["Location"].endswith(f"&to={friend.pk}")
        live = address(vip, this_year(SCALING), name="use_find_live")
        assert f"to={friend.pk}" in as_front_desk.post(live, {"q": "lhc"}).content.decode()
        nobody = as_front_desk.post(find, {"q": "东方不败"})
        assert "没有找到" in words(nobody)
        tabs = {tab["title"]: tab["current"] for tab in nobody.context["tabs"]}
        assert tabs == {"会员本人": False, "转赠他人": True}
        assert as_front_desk.get(find).status_code == 302

    def test_what_a_new_patient_saves_and_how_a_vips_guest_is_received_stands_there_before(
        self, as_front_desk: Client, vip: Membership, friend: Patient, dentist: Doctor
    ) -> None:
        where = address(vip, this_year(SCALING), to=friend.pk)
        page = words(as_front_desk.get(where))
        assert "免挂号费（新诊）" in page and "按VIP接待" in page
        receipt(friend, "50", at=timezone.now() - timedelta(days=1))
        assert "不是新诊" in words(as_front_desk.get(where))

    def test_both_people_have_it_on_their_pages(
        self, as_front_desk: Client, vip: Membership, friend: Patient, dentist: Doctor
    ) -> None:
        where = address(vip, this_year(SCALING), to=friend.pk)
        theirs = words(as_front_desk.post(where, typed(dentist), follow=True))
        assert "按VIP接待（岳灵珊 的客人）" in theirs and "受赠于 岳灵珊" in theirs
        mine = words(as_front_desk.get(reverse("patient", args=[vip.patient_id])))
        assert "转赠给 令狐冲" in mine and "的客人）" not in mine

    def test_on_a_later_day_the_guest_is_still_known(
        self, as_front_desk: Client, vip: Membership, friend: Patient
    ) -> None:
        use = used(vip, this_year(SCALING), friend)
        assert use.as_vip
        page = as_front_desk.get(reverse("patient", args=[friend.pk]))
        assert page.context["services"].is_today is True

    def test_a_friend_without_a_file_gets_one_with_it(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        where = address(vip, this_year(SCALING), to="new")
        start = as_front_desk.post(where, {"typed": "任盈盈"})
        assert 'value="任盈盈"' in start.content.decode()
        given = typed(dentist, file_number="N1", name="任盈盈", sex="female", phone="")
        page = words(as_front_desk.post(where, given, follow=True))
        assert "由任盈盈使用" in page and "新诊，免挂号费" in page
        use = Use.objects.get()
        assert (use.beneficiary.file_number, use.fee_waived, use.as_vip) == ("N1", True, True)

    def test_a_file_number_that_stands_for_somebody_else_opens_nothing(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor, friend: Patient
    ) -> None:
        where = address(vip, this_year(SCALING), to="new")
        given = typed(dentist, file_number="F1", name="任盈盈", sex="female")
        answer = as_front_desk.post(where, given)
        assert "已经有档案" in words(answer) and "改为转赠给已有的档案 F1" in words(answer)
        assert not Use.objects.exists()

    def test_where_the_use_is_refused_no_file_is_left(
        self, as_front_desk: Client, vip: Membership, dentist: Doctor
    ) -> None:
        used(vip, this_year(SCALING))
        where = address(vip, this_year(SCALING), to="new")
        given = typed(dentist, file_number="N1", name="任盈盈", sex="female")
        assert "不能重复登记" in words(as_front_desk.post(where, given))
        assert not Patient.objects.filter(file_number="N1").exists()


class TestTeeth:
    """R23: a member redeems sealants for a child's teeth, and they are used tooth by tooth."""

    @pytest.fixture
    def where(self, db: None) -> str:
        published("qujing_dental_both")
        priced("fissure_sealant", "150")
        rich = spender("9000", "P1")
        redemption = bought(rich, "fissure_sealant", quantity=2, teeth=("36", "46")).redemption
        child = patient("C1", name="岳小山", birth_date="2019-05-01")
        return address(
            rich, ("fissure_sealant", f"redemption:{redemption.pk}", 1, None), to=child.pk
        )

    def test_the_teeth_of_the_redemption_stand_there_already(
        self, as_front_desk: Client, where: str, dentist: Doctor
    ) -> None:
        page = as_front_desk.get(where)
        assert 'value="36 46"' in page.content.decode()
        assert "积分兑换 DH" in words(page) and "150.00 元 / 颗" in words(page)
        done = words(as_front_desk.post(where, typed(dentist, teeth="36 46"), follow=True))
        assert "已登记使用：儿童窝沟封闭（进口材料） 2 颗，由岳小山使用" in done
        assert list(Use.objects.values_list("tooth", flat=True)) == ["36", "46"]

    @pytest.mark.parametrize(
        "teeth, said",
        [("36 46 16", "这一项只剩 2 颗"), (" ,", "请填写牙位"), ("9", "没有牙位 9")],
    )
    def test_wrong_teeth_are_said_at_their_field(
        self, as_front_desk: Client, where: str, dentist: Doctor, teeth: str, said: str
    ) -> None:
        answer = as_front_desk.post(where, typed(dentist, teeth=teeth))
        assert said in words(answer) and not Use.objects.exists()
        assert 'id="id_teeth_error"' in answer.content.decode()

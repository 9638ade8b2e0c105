"""The box that searches, and what it shows as one types."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from members.operations.cards import replace_card
from staff.models import User
from tests.desk.conftest import browser_of
from tests.desk.words import squeezed, words
from tests.factories.members import patient, resident_id
from tests.factories.points import member, receipt
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

PAGE, SEARCH, LIVE = reverse("patients"), reverse("search"), reverse("search_live")
NEW = reverse("patient_new")


def page_of(someone: Patient) -> str:
    return reverse("patient", args=[someone.pk])


class TestTheBox:
    def test_one_hit_goes_straight_to_the_patient(self, as_front_desk: Client) -> None:
        someone = patient("A100", name="王建国", phone="13887430101")
        patient("A200", name="李秀英")
        for typed in ("A100", "王建", "wjg", "13887430101", "0101"):
            response = as_front_desk.post(SEARCH, {"q": typed}, follow=True)
            assert response.redirect_chain[-1][0] == page_of(someone)

    def test_several_hits_are_listed_with_where_they_stand(self, as_front_desk: Client) -> None:
        member(patient("B1"), "5000", name="王一")
        receipt(patient("B2", name="王二", phone="13887430102", sex="female"), "1000")
        receipt(patient("B3", name="王三"), "1")
        page = squeezed(as_front_desk.get(PAGE, {"q": "王"}))
        assert "“王”找到3位" in page
        assert "高级会员" in page and "可入会" in page and "还差999分入会" in page
        assert "•••••••0102" in page and "13887430102" not in page

    def test_a_name_goes_on_into_the_address(self, as_front_desk: Client) -> None:
        response = as_front_desk.post(SEARCH, {"q": "王"})
        assert response.headers["Location"] == f"{PAGE}?q={quote('王')}"

    @pytest.mark.parametrize("typed", ["13887430101", "0101", "530302198503120011", "E12345678"])
    def test_a_number_never_goes_into_an_address(self, as_front_desk: Client, typed: str) -> None:
        for name in ("王一", "王二"):
            patient(name=name, phone="13887430101")
        response = as_front_desk.post(SEARCH, {"q": typed})
        assert response.status_code == 200
        assert f"q={typed}" not in response.content.decode()

    @pytest.mark.parametrize("typed", ["13887430101", "53030219850312001X", "E12345678"])
    def test_a_persons_number_in_an_address_is_not_answered(
        self, as_front_desk: Client, typed: str
    ) -> None:
        patient("A1", phone="13887430101")
        page = as_front_desk.get(PAGE, {"q": typed})
        assert "电话和证件号码不放在网址里" in words(page)
        assert typed not in page.content.decode()

    def test_nothing_found_offers_a_new_file_with_what_was_typed(
        self, as_front_desk: Client
    ) -> None:
        page = as_front_desk.post(SEARCH, {"q": "13887430109"})
        assert "没有找到“13887430109”" in words(page)
        assert 'name="typed" value="13887430109"' in " ".join(page.content.decode().split())
        form = as_front_desk.post(NEW, {"typed": "13887430109"}).context["form"]
        assert form["phone"].value() == "13887430109" and not form.errors

    def test_a_role_that_opens_no_files_is_not_offered_one(self, as_doctor: Client) -> None:
        assert "新建档案" not in words(as_doctor.get(PAGE, {"q": "赵无名"}))
        assert "新建档案" not in words(as_doctor.post(LIVE, {"q": "赵无名"}))

    def test_a_payment_follows_where_one_was_begun(self, as_front_desk: Client) -> None:
        someone = patient("A1", name="王建国")
        till = browser_of(user("收费"))
        data = {"q": "王建国", "for": "pay"}
        for client, page in ((till, "take_payment"), (as_front_desk, "patient")):
            response = client.post(SEARCH, data, follow=True)
            assert response.redirect_chain[-1][0] == reverse(page, args=[someone.pk])
            live = client.post(LIVE, data).content.decode()
            assert f'data-href="{reverse(page, args=[someone.pk])}"' in live

    @pytest.mark.parametrize("typed", ["\x00", "a\x00b", "%", "' OR 1=1", "=1+1", "9" * 5000])
    def test_no_search_breaks_the_page(self, as_front_desk: Client, typed: str) -> None:
        assert as_front_desk.get(PAGE, {"q": typed}).status_code == 200
        for address in (SEARCH, LIVE):
            response = as_front_desk.post(address, {"q": typed}, follow=True)
            assert response.status_code == 200

    def test_reading_a_search_address_searches_nothing(self, as_front_desk: Client) -> None:
        assert as_front_desk.get(SEARCH, {"q": "王"}).headers["Location"] == PAGE
        assert as_front_desk.get(LIVE).status_code == 405

    def test_the_search_takes_few_queries(
        self, as_front_desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(30):
            receipt(patient(f"Q{number}", name=f"周{number}"), "100")
        with django_assert_max_num_queries(12):
            page = words(as_front_desk.get(PAGE, {"q": "周"}))
        assert "找到前 20 位" in page
        with django_assert_max_num_queries(12):
            as_front_desk.post(LIVE, {"q": "周"})


class TestAsOneTypes:
    def test_hits_say_who_and_nothing_of_the_numbers(self, as_front_desk: Client) -> None:
        number = resident_id("19850312", serial=1)
        someone = patient(
            "A1", name="曾国藩", phone="13887430101", id_number=number, address="麒麟区1号"
        )
        member(someone, "5000", name="曾国藩", phone="13887430101", id_number=number)
        page = as_front_desk.post(LIVE, {"q": "zgf"})
        text = squeezed(page)
        assert "曾国藩男" in text and "岁" in text and "•••••••0101" in text and "高级会员" in text
        for secret in ("13887430101", number, number[-4:], "麒麟区1号"):
            assert secret not in page.content.decode()

    def test_eight_are_shown_and_more_are_said(self, as_front_desk: Client) -> None:
        for number in range(9):
            patient(name=f"周{number}")
        page = as_front_desk.post(LIVE, {"q": "周"})
        assert page.content.decode().count('role="option"') == 8
        assert "还有更多" in words(page)

    def test_nobody_found_offers_a_new_file(self, as_front_desk: Client) -> None:
        page = as_front_desk.post(LIVE, {"q": "赵无名"})
        assert "没有找到“赵无名”" in words(page) and "data-new" in page.content.decode()


class TestStoppedCard:
    def test_it_shows_whose_it_was_and_opens_nothing(self, as_front_desk: Client) -> None:
        membership = member(patient("A1"), "1000", name="钱多多")
        card = membership.cards.get()
        fresh = replace_card(
            card_id=card.pk,
            reason="lost",
            document_shown="resident_id",
            by=User.objects.system(),
            now=timezone.now(),
        )
        for address in (SEARCH, LIVE):
            page = words(as_front_desk.post(address, {"q": card.number}))
            assert "这张卡已挂失" in page and "钱多多" in page
        response = as_front_desk.post(SEARCH, {"q": fresh.number})
        assert response.headers["Location"] == page_of(membership.patient)

"""Every kind of search among a hundred thousand patients: the time that the server takes for it."""

import statistics
import time

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from members.models import Patient
from tests.factories.points import member
from tests.factories.staff import user

ROUNDS = 30
AIM = 50.0
LIVE, PAGE = reverse("search_live"), reverse("search")


def measure() -> None:
    """Print the shortest, the median and the longest of each kind, as one types and by Enter."""
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "localhost"})
    client.force_login(user("前台"), backend="staff.backends.RoleBackend")
    slowest = 0.0
    for kind, typed in _kinds().items():
        live, page = (_times(client, address, typed) for address in (LIVE, PAGE))
        slowest = max(slowest, statistics.median(live), statistics.median(page))
        print(f"  查找 {kind:<18} 边输边找 {_said(live)}   列表 {_said(page)}")
    print(f"  最慢一种的中位数 {slowest:.1f} ms，目标 {AIM:.0f} ms 以内", flush=True)


def _said(times: list[float]) -> str:
    return f"{min(times):5.1f} / {statistics.median(times):5.1f} / {max(times):5.1f} ms"


def _kinds() -> dict[str, str]:
    patient = Patient.objects.get(file_number="B77")
    given = {"name": patient.name, "sex": patient.sex, "phone": patient.phone}
    membership = member(patient, "5000", id_number=patient.document_number, **given)
    return {
        "单姓 王": "王",
        "单姓 晏（少见）": "晏",
        "两字 王建": "王建",
        "名 国庆": "国庆",
        "首字母 zg": "zg",
        "首字母 wjg": "wjg",
        "拼音 w": "w",
        "拼音 li": "li",
        "拼音 wang": "wang",
        "拼音 wangjianguo": "wangjianguo",
        "电话": patient.phone,
        "电话后四位": patient.phone_last4,
        "证件": patient.document_number,
        "证件后四位": patient.document_last4,
        "卡号": membership.cards.get().number,
        "会员号": membership.number,
        "档案号": patient.file_number,
        "没有：汉字": "嚭嚭",
        "没有：拼音": "qqqqq",
        "没有：号码": "999999999",
    }


def _times(client: Client, address: str, typed: str) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        response = client.post(address, {"q": typed})
        # A name goes on into the address: both steps count.
        if response.status_code == 302 and response.headers["Location"].startswith("/patients/?"):
            response = client.get(response.headers["Location"])
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code in (200, 302)
    return times

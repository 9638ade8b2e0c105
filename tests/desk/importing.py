"""Imports by page, driven as a browser without scripts drives them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from staff.models import Import
from tests.desk.words import words

HEADERS = {
    "payments": "收据号,档案号,金额,收费时间,姓名\n",
    "patients": "档案号,姓名,电话,身份证号\n",
    "legacy_points": "档案号,姓名,积分,截止日期\n",
    "issues": "档案号,礼品或项目,领取日期,凭证号\n",
}


def send(browser: Client, kind: str, text: str | bytes, name: str = "a.csv") -> HttpResponse:
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return browser.post(f"/imports/new/{kind}/", {"file": file})  # type: ignore[return-value]


def upload(browser: Client, kind: str, *rows: str) -> Import:
    answer = send(browser, kind, HEADERS[kind] + "".join(f"{row}\n" for row in rows))
    assert answer.status_code == 302, words(answer)
    return Import.objects.latest("pk")


def step(browser: Client, batch: Import) -> Import:
    assert browser.post(f"/imports/{batch.pk}/next/").status_code == 302
    return Import.objects.get(pk=batch.pk)


def run(browser: Client, batch: Import) -> Import:
    """Press 继续 until nothing is left to do."""
    batch = Import.objects.get(pk=batch.pk)
    while batch.state in ("checking", "saving"):
        batch = step(browser, batch)
    return batch


def save(browser: Client, batch: Import) -> Import:
    browser.post(f"/imports/{batch.pk}/save/")
    return run(browser, batch)


def counts(batch: Import) -> tuple[int, int, int, int]:
    return batch.new, batch.changed, batch.same, batch.refused


def page(browser: Client, batch: Import) -> str:
    return words(browser.get(f"/imports/{batch.pk}/"))


def told(browser: Client, batch: Import, what: str) -> str:
    """The page of the import after a button was pressed there: `save` or `cancel`."""
    answer = browser.post(f"/imports/{batch.pk}/{what}/", follow=True)
    assert answer.redirect_chain == [(f"/imports/{batch.pk}/", 302)]
    return words(answer)

"""How the numbers go in: by page, API and import, with what goes wrong on the way."""

from django.utils import timezone

from staff.models import Import
from staff.operations.people import create_api_token
from tests.factories.staff import user
from tests.prove.canaries.birds import Canary
from tests.prove.canaries.serving import Browser, Program, Site

PASSWORD = "opens the canaries' cage"
# One in so many joins, with a guardian.
JOINS = 4


def logged_in(site: Site, *roles: str) -> Browser:
    """A colleague who got his password wrong once."""
    someone = user(*roles, password=PASSWORD)
    browser = Browser(site)
    browser.log_in(someone.username, "wrong " * 3)
    assert browser.log_in(someone.username, PASSWORD).status == 302
    return browser


def enter(site: Site, flock: list[Canary]) -> tuple[Browser, Program]:
    """A third of them each way, with what goes wrong on the way."""
    program = Program(site, create_api_token(name="HIS", role="HIS接口", now=timezone.now()))
    desk, third = logged_in(site, "前台"), len(flock) // 3
    for canary in flock[:third]:
        enter_by_page(desk, canary)
    for place, canary in enumerate(flock[third : 2 * third]):
        enter_by_api(program, canary, joins=place % JOINS == 0)
    enter_by_import(logged_in(site, "市场部"), flock[2 * third :])
    return desk, program


def enter_by_page(desk: Browser, canary: Canary) -> None:
    given = {
        "file_number": canary.file_number,
        "name": canary.name,
        "phone": canary.phone,
        "document_type": "resident_id",
        "id_number": canary.id_number,
    }
    assert desk.post("/patients/new/", **{**given, "sex": "x"}).status == 200
    assert desk.post("/patients/new/", **given).status == 302


def search(desk: Browser, canary: Canary) -> None:
    """By whole numbers and by their ends, on the page and while one types."""
    for typed in (canary.phone, canary.id_number, canary.phone[-4:], canary.id_number[-4:]):
        assert desk.post("/search/", q=typed).status in (200, 302)
        assert desk.post("/search/live/", q=typed).status == 200


def enter_by_api(program: Program, canary: Canary, *, joins: bool) -> None:
    path = f"/patients/{canary.file_number}"
    given = {"name": canary.name, "phone": canary.phone, "id_number": canary.id_number}
    assert program.send("PUT", path, given | {"birth_date": "1985-03-12"}).status == 422
    assert program.send("PUT", path, [given]).status in (400, 422)
    assert program.send("PUT", path, given).status == 201
    if not joins:
        return
    now = timezone.now().isoformat()
    paid = {"receipt_number": f"SJ-{canary.file_number}", "file_number": canary.file_number}
    assert (
        program.send("POST", "/payments", paid | {"amount": "1200", "paid_at": now}).status == 201
    )
    form = given | {
        "file_number": canary.file_number,
        "sex": "male" if int(canary.id_number[16]) % 2 else "female",
        "address": "曲靖市",
        "accepts_follow_up": True,
        "accepts_post": False,
        "accepts_activities": False,
        "explained": True,
        "signed_on": timezone.localdate().isoformat(),
    }
    guardian = {"guardian_name": "金丝雀妈妈", "guardian_relation": "母亲"}
    assert program.send("POST", "/members", form | guardian).status == 422
    guardian["guardian_phone"] = canary.guardian_phone
    assert program.send("POST", "/members", form | guardian).status == 201


def enter_by_import(marketing: Browser, flock: list[Canary]) -> None:
    """One file goes in, with refused rows; another one is only checked."""
    rows = [f"{bird.file_number},{bird.name},{bird.phone},{bird.id_number}" for bird in flock]
    wrong = [f",{bird.name},{bird.phone},{bird.id_number}" for bird in flock[:3]]
    content = "\n".join(["档案号,姓名,电话,身份证号", *rows, *wrong, ""])
    for name, saved in (("a.csv", True), ("b.csv", False)):
        sent = marketing.upload("/imports/new/patients/", name, content)
        assert sent.status == 302, sent.text
        work_off(marketing)
        if saved:
            batch = Import.objects.latest("pk")
            marketing.post(f"/imports/{batch.pk}/save/")
            work_off(marketing)
    states = Import.objects.order_by("pk").values_list("state", "refused")
    assert list(states) == [("done", 3), ("checked", 3)]


def work_off(marketing: Browser) -> None:
    batch = Import.objects.latest("pk")
    while Import.objects.get(pk=batch.pk).state in ("checking", "saving"):
        marketing.post(f"/imports/{batch.pk}/next/")


def err(site: Site, desk: Browser, canary: Canary) -> None:
    """Refusals of every kind while numbers are being sent."""
    given = {"phone": canary.phone, "id_number": canary.id_number, "name": canary.name}
    assert Browser(site).post("/patients/new/", **given).status in (307, 403)
    assert desk.post("/patients/999999999/reveal/", **given).status == 404
    assert desk.post("/imports/new/patients/", **given).status == 403
    kept = {f"kept-{name}": value for name, value in given.items()}
    stranger = Browser(site)
    assert stranger.log_in("user1", "wrong wrong wrong", **kept).status == 200
    Program(site, "no such token").send("PUT", "/patients/X", given)

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from scheme.models import Item, Scheme
from scheme.operations.document import rules_in
from scheme.operations.loading import LoadResult, load_scheme
from scheme.queries import rules_of
from scheme.rules import canonical_text
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.scheme import BEFORE_2026, FILES, document, draft, published

pytestmark = pytest.mark.django_db

BOTH = document("qujing_dental_both")


def load(text: str, now: datetime = BEFORE_2026) -> LoadResult:
    return load_scheme(document=text, by=User.objects.system(), now=now)


def test_the_first_file_is_published_by_system() -> None:
    result = load(document())
    assert result.outcome == "published"
    assert result.scheme.published_by == User.objects.system()
    assert result.scheme.approval is None
    assert Item.objects.count() == 11


@pytest.mark.parametrize("name", ["qujing_dental", "qujing_dental_b", "qujing_dental_both"])
def test_what_is_stored_is_what_the_file_says(name: str) -> None:
    scheme = load(document(name)).scheme
    assert canonical_text(rules_of(scheme.pk)) == canonical_text(rules_in(document(name)))


def test_list_prices_are_left_to_the_hospital() -> None:
    published()
    assert not Item.objects.exclude(list_price=None).exists()


def test_the_same_file_again_changes_nothing() -> None:
    first = load(document())
    again = load("# a remark changes no rule\n" + document())
    assert (again.outcome, again.scheme) == ("unchanged", first.scheme)
    assert Scheme.objects.count() == 1


@pytest.mark.usefixtures("committing")
def test_two_first_loads_at_once_publish_one_version() -> None:
    def beside() -> str:
        try:
            return load(document()).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        outcomes = [thread.result() for thread in [threads.submit(beside) for _ in range(2)]]
    assert sorted(outcomes) == ["published", "unchanged"]


def test_a_changed_file_for_a_published_version_is_refused() -> None:
    published()
    with pytest.raises(Refusal, match="2013-10-01 起生效的规则版本已发布") as caught:
        load(document(points_per_yuan="2"))
    assert (caught.value.code, caught.value.status) == ("scheme_published", 409)
    assert Scheme.objects.get().points_per_yuan == 1


def test_a_later_file_becomes_a_draft() -> None:
    published()
    result = load(BOTH)
    assert result.outcome == "draft"
    assert result.scheme.published_at is None
    assert Item.objects.count() == 11


def test_a_draft_is_replaced_by_a_changed_file() -> None:
    before = draft()
    result = load(document("qujing_dental_both", points_per_yuan="2"))
    assert (result.outcome, result.scheme.pk) == ("draft_replaced", before.pk)
    assert rules_of(before.pk).points_per_yuan == 2
    assert before.tiers.count() == 4


def test_the_draft_again_changes_nothing() -> None:
    draft()
    assert load(BOTH).outcome == "unchanged"


def test_a_later_version_does_not_begin_in_the_past() -> None:
    published()
    with pytest.raises(Refusal, match="生效日期 2026-01-01 已过，新版本最早从 2026-01-02 起"):
        load(BOTH, now=datetime(2026, 1, 1, 16, 0, tzinfo=UTC))
    assert Scheme.objects.count() == 1


def test_a_later_version_may_begin_today_in_shanghai() -> None:
    published()
    load(BOTH, now=datetime(2026, 1, 1, 15, 59, tzinfo=UTC))
    assert Scheme.objects.get(published_at=None).effective_from == date(2026, 1, 1)


def test_an_item_keeps_its_words_in_all_versions() -> None:
    published()
    with pytest.raises(Refusal, match="项目 facial_care 写作“面部护理”，与已登记的“美容科面部"):
        load(BOTH.replace('name = "美容科面部护理"', 'name = "面部护理"'))
    assert Scheme.objects.count() == 1


def test_a_refused_file_leaves_nothing_behind() -> None:
    with pytest.raises(Refusal):
        load(document(points_per_yuan="0"))
    assert not Scheme.objects.exists() and not Item.objects.exists()


def said(file: Path) -> str:
    out = StringIO()
    call_command("load_scheme", str(file), stdout=out)
    return out.getvalue()


def test_the_command_says_what_happened_in_one_line() -> None:
    file = FILES / "qujing_dental.toml"
    assert said(file) == "规则版本“曲靖口腔医院会员制方案（方案A）（2013-10-01 起）”：已发布\n"
    assert said(file).endswith("内容没有变化\n")


def test_the_command_announces_a_draft(tmp_path: Path) -> None:
    published()
    later = tmp_path / "later.toml"
    later.write_text(document("qujing_dental_both", effective_from="2999-01-01"))
    assert "已存为草稿，待另一位负责人批准后发布" in said(later)
    later.write_text(
        document("qujing_dental_both", effective_from="2999-01-01", points_per_yuan="2")
    )
    assert "已更新草稿" in said(later)


def test_the_command_fails_with_the_sentence_of_the_refusal(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(document(points_per_yuan="0"))
    with pytest.raises(CommandError, match="points_per_yuan：应为 1 至 1000 的整数"):
        call_command("load_scheme", str(wrong))
    with pytest.raises(CommandError, match="无法读取文件"):
        call_command("load_scheme", str(tmp_path / "none.toml"))

import pytest

from scheme.operations.document import MAX_BYTES, rules_in
from staff.exceptions import Refusal
from tests.factories.scheme import document

REST = "tiers = []\ncatalogue = []\ngift_bands = []\n"


def refused(text: bytes | str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        rules_in(text)
    assert caught.value.status == 422
    return caught.value


def changed(old: str, new: str, count: int = 1) -> str:
    text = document()
    assert old in text
    return text.replace(old, new, count)


@pytest.mark.parametrize("name", ["qujing_dental", "qujing_dental_b", "qujing_dental_both"])
def test_the_shipped_files_are_read(name: str) -> None:
    assert rules_in(document(name).encode()).title.startswith("曲靖口腔医院会员制方案")


def test_a_byte_order_mark_does_no_harm() -> None:
    assert rules_in("\ufeff".encode() + document().encode()) == rules_in(document())


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("points_per_yuan", "0", "应为 1 至 1000 的整数，现在是 0"),
        ("points_per_yuan", "1.5", "现在是 1.5"),
        ("points_per_yuan", "true", "现在是 true"),
        ("points_per_yuan", '"1"', "应为 1 至 1000 的整数"),
        ("legacy_min_points", "-1", "现在是 -1"),
        ("legacy_min_points", "100000001", "现在是 100000001"),
        ("plan_a", '"ja"', "应为 true 或 false，现在是 ja"),
        ("plan_b", "1", "应为 true 或 false"),
        ("one_time_scope", '"week"', "只能是 day、receipt，现在是 week"),
        ("enrol_rule", "3", "只能是 threshold、everyone，现在是 3"),
        ("effective_from", '"2013-10-01"', "应为 1990 年以后的日期"),
        ("effective_from", "2013-10-01T08:00:00", "应为 1990 年以后的日期"),
        ("start_on", "1913-10-01", "现在是 1913-10-01"),
        ("title", '""', "应为一行文字，不能空着"),
        ("title", '"  "', "不能空着"),
        ("title", '"a\\u0000b"', "不可打印的字符"),
        ("title", '"a\\nb"', "不可打印的字符"),
        ("title", '"' + "长" * 101 + '"', "最多 100 个字，现在有 101 个"),
        ("child_age_limit", "18", "应为 1 至 17 的整数"),
        ("once_only_valid_months", "0", "应为 1 至 1200 的整数"),
        ("once_only_valid_months", '"forever"', "应为月数或 never，现在是 forever"),
        ("cleaning_cycle_months", '"never"', "应为月数或 by_quota"),
        ("redemption_one_time", "2001", "不能高于 redemption_cumulative"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(key: str, value: str, sentence: str) -> None:
    refusal = refused(document(**{key: value}))
    assert sentence in refusal.message
    assert refusal.field == key


def test_a_period_in_months_is_taken() -> None:
    rules = rules_in(document(once_only_valid_months="24", cleaning_cycle_months="6"))
    assert (rules.once_only_valid_months, rules.cleaning_cycle_months) == (24, 6)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("card_rule = ", "card_rules = ", "card_rules：不是可用的设置，请检查拼写"),
        ("grant_skipped = false", "", "grant_skipped：缺少这一项"),
        ("\none_time = 1000 ", "\none_time = 5000 ", "tiers[1].one_time：一次性消费积分不能高于"),
        ("\none_time = 5000 ", "\none_time = 1000 ", "1000 应高于下一级别（普通会员）的 1000"),
        ("cumulative = 15000 ", "cumulative = 15000.0 ", "tiers[3].cumulative：应为 1 至"),
        ("cumulative = 25000 ", "cumulative = 20000 # ", ""),
        ('code = "vip"', 'code = "gold"', "缺少级别 vip"),
        ('code = "vip"', 'code = "senior"', "缺少级别 vip"),
        ('name = "VIP会员"', "", "tiers[3].name：缺少这一项"),
        ("quantity = 1", "quantity = 0", "tiers[1].benefits[1].quantity：应为 1 至 100 的整数"),
        ('cycle = "once"', 'cycle = "monthly"', "只能是 once、yearly，现在是 monthly"),
        ('for_whom = "member"', 'for_whom = "dog"', "只能是 member、household_child"),
        ('{ item = "gift_10"', '{ item = "gift_11"', "项目 gift_11 不在 items 中"),
        ('{ item = "facial_care"', '{ item = "gift_50"', "项目 gift_50 出现了不止一次"),
        ('code = "gift_50"', 'code = "gift_10"', "项目 gift_10 出现了不止一次"),
        ('code = "gift_10"', 'code = "Gift 10"', "items[1].code：应为代码"),
        ('kind = "gift"', 'kind = "service"', "gift_bands[1].item：项目 gift_10 不是礼品"),
        ("from_yuan = 5000 ", "from_yuan = 1000 ", "gift_bands[2]：消费金额和礼品金额须逐档升高"),
        ("points = 6000 ", "points = -6000 ", "catalogue[6].points：应为 1 至"),
        ("plan_a = true ", "plan_a = false ", "方案A和方案B至少启用一个"),
        ('reception = ["参照', 'reception = [1, "参照', "tiers[1].reception[1]：应为一行文字"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(old: str, new: str, sentence: str) -> None:
    text = changed(old, new)
    if not sentence:
        assert rules_in(text).tier("diamond").cumulative == 20000
        return
    assert sentence in refused(text).message


def test_levels_out_of_order_are_refused() -> None:
    swapped = changed('code = "senior"', 'code = "x"').replace('code = "vip"', 'code = "senior"')
    text = swapped.replace('code = "x"', 'code = "vip"')
    assert "级别须依次为 ordinary、senior、vip、diamond" in refused(text).message


def test_an_item_that_nothing_uses_is_refused() -> None:
    row = '[[items]]\ncode = "floss"\nname = "牙线"\nkind = "gift"\nunit = "份"\nspecialty = ""\n'
    assert "项目 floss 没有被" in refused(document() + row).message


def test_plan_b_needs_a_catalogue() -> None:
    text = document("qujing_dental_b")
    start, end = text.index("[[catalogue]]"), text.index("# 礼品按消费金额")
    head = text.index("[[items]]")
    without = text[:head] + "catalogue = []\n" + text[head:start] + text[end:]
    assert "启用方案B时，兑换目录不能空着" in refused(without).message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff\xfe\x00", "不是 UTF-8 编码的文本"),
        (b'title = "x', "不是有效的 TOML 格式（文件末尾）"),
        (b"title = \n", "（第 1 行第 9 列）"),
        (b"a = 1\na = 2\n", "不是有效的 TOML 格式"),
        ("a" * (MAX_BYTES + 1), "超过 1 MB"),
        ("a = " + "[" * 5000, "不是有效的 TOML 格式"),
        ("", "title：缺少这一项"),
        ("items = 3", "缺少这一项"),
        ('"\\u0000" = 1', "\\x00：不是可用的设置"),
    ],
)
def test_an_unreadable_file_is_refused(text: bytes | str, sentence: str) -> None:
    assert sentence in refused(text).message


def test_no_sentence_repeats_a_long_value_whole() -> None:
    refusal = refused(document(one_time_scope='"' + "z" * 5000 + '"'))
    assert len(refusal.message) < 200


def test_a_list_that_is_none_is_refused() -> None:
    text = document()
    head = text[: text.index("[[items]]")]
    assert "items：应为若干组设置的列表，现在是 3" in refused(f"{head}items = 3\n{REST}").message
    assert "items[1]：应为一组设置，现在是 3" in refused(f"{head}items = [3]\n{REST}").message
    lines = head[: head.index("general_benefits")] + 'general_benefits = "x"\n'
    assert "应为文字的列表，现在是 x" in refused(f"{lines}items = []\n{REST}").message

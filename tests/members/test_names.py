import pytest

from members.rules import search_key, search_keys


def finds(typed: str, name: str) -> bool:
    return any(key.startswith(search_key(typed)) for key in search_keys(name))


WRITTEN = (
    "曾 曾国 曾国藩 国藩 藩 zgf cgf zeng ceng zengguof cengguofan zenggf cenggf guofan ZGF ｚｇｆ"
)


@pytest.mark.parametrize("typed", [*WRITTEN.split(), "zeng guo fan", "zeng'guo'fan", "Zēng Guófān"])
def test_a_name_is_found_by_every_way_of_typing_it(typed: str) -> None:
    assert finds(typed, "曾国藩")


@pytest.mark.parametrize(
    ("surname", "readings"),
    [
        ("单", "shan dan"),
        ("曾", "zeng ceng"),
        ("仇", "qiu chou"),
        ("解", "xie jie"),
        ("查", "zha cha"),
        ("区", "ou qu"),
        ("翟", "zhai di"),
        ("覃", "qin tan"),
        ("盖", "ge gai"),
        ("朴", "piao pu"),
        ("任", "ren"),
        ("缪", "miao mou"),
        ("乐", "yue le"),
        ("折", "she zhe"),
        ("种", "chong zhong"),
        ("冼", "xian"),
        ("黑", "he hei"),
        ("谌", "chen shen"),
        ("吕", "lv"),
        ("贠", "yun"),
        ("尉迟", "yuchi weichi"),
        ("单于", "chanyu shanyu"),
        ("万俟", "moqi wansi"),
        ("欧阳", "ouyang"),
        ("长孙", "zhangsun"),
        ("澹台", "tantai"),
        ("令狐", "linghu"),
        ("诸葛", "zhuge"),
        ("乐正", "yuezheng lezheng"),
        ("子车", "ziju"),
        ("亓官", "qiguan"),
        ("左丘", "zuoqiu"),
    ],
)
def test_a_surname_is_found_by_all_its_readings(surname: str, readings: str) -> None:
    for reading in readings.split():
        for typed in (f"{reading}ming", f"{reading}m", f"{reading[0]}"):
            assert finds(typed, f"{surname}明")


def test_initials_of_a_compound_surname_are_those_of_both_characters() -> None:
    assert finds("oyx", "欧阳修") and finds("ouyangx", "欧阳修") and finds("ycg", "尉迟恭")


def test_u_with_dots_is_typed_as_v_or_as_passports_write_it() -> None:
    for typed in ("lvbu", "lübu", "lǚbù", "lyubu"):
        assert finds(typed, "吕布")
    assert finds("chenyu", "陈宇")


def test_a_given_name_is_found_by_the_readings_parents_choose() -> None:
    assert finds("wangyue", "王乐") and finds("wangle", "王乐") and finds("wl", "王乐")


def test_nobody_reads_a_common_surname_the_old_way() -> None:
    assert not finds("yu", "王伟")


def test_names_in_other_letters_are_found_by_each_of_their_words() -> None:
    assert finds("garcia", "María García") and finds("MG", "María García")
    assert finds("买买提", "阿依古丽·买买提") and finds("maimaiti", "阿依古丽·买买提")
    assert finds("철수", "김철수")


def test_a_character_without_a_reading_leaves_the_others() -> None:
    assert finds("zhangji", "张𠮷") and finds("𠮷", "张𠮷") and finds("yan", "䶮")
    assert search_keys("\ue000") == {"\ue000"}


@pytest.mark.parametrize("name", ["", " ", "··", "——"])
def test_signs_alone_are_no_name(name: str) -> None:
    assert search_keys(name) == frozenset()


def test_a_key_that_begins_another_is_left_out() -> None:
    assert search_keys("王伟") == {"王伟", "伟", "wangwei", "wei", "ww"}


def test_the_longest_name_of_many_readings_has_a_bounded_number_of_short_keys() -> None:
    keys = search_keys("单" + "长" * 49)
    assert len(keys) < 100 and max(map(len, keys)) <= 200

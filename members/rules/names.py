"""What people type to find a name: any part of it, its initials, its pinyin.

A surname is found by all its readings, also the wrong ones that people use for it. Pure.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product, zip_longest

from pypinyin import Style, pinyin

Syllables = tuple[str, ...]

# A surname's readings, the right one first, with those that people take for it.
_SURNAMES = {
    "曾": "zeng ceng",
    "查": "zha cha",
    "晁": "chao zhao",
    "车": "che ju",
    "谌": "chen shen",
    "单": "shan dan chan",
    "都": "du dou",
    "费": "fei bi",
    "繁": "po fan",
    "盖": "ge gai",
    "葛": "ge",
    "黑": "he hei",
    "纪": "ji",
    "贾": "jia",
    "解": "xie jie",
    "句": "gou ju",
    "隗": "wei kui",
    "乐": "yue le",
    "缪": "miao mou",
    "牟": "mou mu",
    "那": "na nuo",
    "乜": "nie mie",
    "宁": "ning",
    "区": "ou qu",
    "朴": "piao pu",
    "仇": "qiu chou",
    "瞿": "qu ju",
    "任": "ren",
    "撒": "sa",
    "折": "she zhe",
    "沈": "shen chen",
    "盛": "sheng cheng",
    "石": "shi",
    "覃": "qin tan",
    "万": "wan",
    "尉": "wei yu",
    "冼": "xian",
    "洗": "xian xi",
    "郗": "xi chi",
    "郇": "xun huan",
    "燕": "yan",
    "应": "ying",
    "员": "yun yuan",
    "贠": "yun yuan",
    "翟": "zhai di",
    "长": "zhang chang",
    "祭": "zhai ji",
    "种": "chong zhong",
}
# The dictionary has further, old readings for these; nobody reads the surname so.
_READ_ONE_WAY = frozenset(
    "王吴朱许邓冯彭董潘蔡余于杜叶丁姚陆汪夏方白尹陶郝莫汤庄殷施温倪俞游焦霍包詹舒涂童艾裴祝甘齐房路尚"
)
# Further readings that parents choose for a given name.
_GIVEN = {
    "柏": "bo",
    "朝": "zhao",
    "晟": "sheng",
    "乘": "sheng",
    "重": "chong",
    "盛": "cheng",
    "传": "zhuan",
    "行": "hang",
    "和": "huo",
    "强": "jiang",
    "娜": "nuo",
    "露": "lou",
    "茜": "xi",
    "藏": "zang",
    "曾": "zeng",
    "长": "chang",
    "单": "shan",
    "参": "shen",
    "还": "huan",
    "乐": "yue",
    "率": "shuai",
    "钥": "yue",
}
_NOT_IN_DICTIONARY = {"𠮷": "ji"}
_COMPOUNDS = {
    "百里": ("bai li",),
    "单于": ("chan yu", "shan yu", "dan yu"),
    "淳于": ("chun yu",),
    "第五": ("di wu",),
    "东方": ("dong fang",),
    "东郭": ("dong guo",),
    "东门": ("dong men",),
    "独孤": ("du gu",),
    "段干": ("duan gan",),
    "端木": ("duan mu",),
    "公良": ("gong liang",),
    "公孙": ("gong sun",),
    "公羊": ("gong yang",),
    "公冶": ("gong ye",),
    "谷梁": ("gu liang",),
    "榖梁": ("gu liang",),
    "贺兰": ("he lan",),
    "赫连": ("he lian",),
    "呼延": ("hu yan",),
    "皇甫": ("huang fu", "huang pu"),
    "夹谷": ("jia gu",),
    "梁丘": ("liang qiu",),
    "令狐": ("ling hu",),
    "闾丘": ("lv qiu",),
    "万俟": ("mo qi", "wan si", "wan qi"),
    "慕容": ("mu rong",),
    "纳兰": ("na lan",),
    "南宫": ("nan gong",),
    "南门": ("nan men",),
    "欧阳": ("ou yang",),
    "濮阳": ("pu yang",),
    "漆雕": ("qi diao",),
    "亓官": ("qi guan",),
    "壤驷": ("rang si",),
    "上官": ("shang guan",),
    "申屠": ("shen tu",),
    "叔孙": ("shu sun",),
    "司空": ("si kong",),
    "司马": ("si ma",),
    "司徒": ("si tu",),
    "太史": ("tai shi",),
    "太叔": ("tai shu",),
    "澹台": ("tan tai", "dan tai"),
    "拓跋": ("tuo ba",),
    "完颜": ("wan yan",),
    "微生": ("wei sheng",),
    "闻人": ("wen ren",),
    "巫马": ("wu ma",),
    "西门": ("xi men",),
    "夏侯": ("xia hou",),
    "鲜于": ("xian yu",),
    "轩辕": ("xuan yuan",),
    "羊舌": ("yang she",),
    "耶律": ("ye lv",),
    "尉迟": ("yu chi", "wei chi"),
    "宇文": ("yu wen",),
    "乐正": ("yue zheng", "le zheng"),
    "宰父": ("zai fu",),
    "长孙": ("zhang sun", "chang sun"),
    "钟离": ("zhong li",),
    "仲孙": ("zhong sun",),
    "诸葛": ("zhu ge",),
    "颛孙": ("zhuan sun",),
    "子车": ("zi ju", "zi che"),
    "宗政": ("zong zheng",),
    "左丘": ("zuo qiu",),
}
# Enough for every living name; a long one of many readings must not fill the table of keys.
_MOST_READINGS = 8
_LONGEST = 200
_SEPARATES = ("P", "Z", "S")


def search_keys(name: str) -> frozenset[str]:
    """What finds `name` by its beginning; a key that begins another one is left out.

    曾国藩 is found by 曾国藩, 国藩, 藩, zgf, cgf, zengguofan, zenggf, cengguofan, guofan …
    """
    units, starts = _units(name)
    keys = {"".join(units[at:]) for at in range(len(units))}
    for length, surname in _surnames(units):
        for given in _given(units[length:]):
            keys |= _spelled(surname, given, starts)
    ordered = sorted(keys - {""})
    pairs = zip_longest(ordered, ordered[1:], fillvalue="")
    return frozenset(key[:_LONGEST] for key, following in pairs if not following.startswith(key))


def search_key(written: str) -> str:
    """What was typed of a name, as the keys are written: no blanks, no capitals, ü as v."""
    key = folded(written)
    # Passports write 吕 as LYU.
    return f"{key[0]}v{key[3:]}" if key.startswith(("lyu", "nyu")) else key


def folded(written: str) -> str:
    """Letters and characters alone: full-width ones, capitals, tones and accents made plain."""
    if written.isascii():
        plain = written.casefold()
    else:
        apart = unicodedata.normalize("NFKD", written.casefold()).replace("u\u0308", "v")
        bare = "".join(sign for sign in apart if unicodedata.category(sign) != "Mn")
        plain = unicodedata.normalize("NFKC", bare)
    return "".join(sign for sign in plain if not _separates(sign))


@lru_cache(maxsize=10_000)
def _separates(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category.startswith(_SEPARATES) or category in ("Cc", "Cf")


def _units(name: str) -> tuple[list[str], set[int]]:
    """The characters, and the words in Latin letters; and where a part of the name begins."""
    units: list[str] = []
    starts: set[int] = set()
    for part in "".join(" " if _separates(sign) else sign for sign in name).split():
        starts.add(len(units))
        for sign in folded(part):
            if sign.isascii() and units and len(units) not in starts and units[-1].isascii():
                units[-1] += sign
            else:
                units.append(sign)
    return units, starts


def _surnames(units: list[str]) -> Iterator[tuple[int, Syllables]]:
    """The surname's length and readings: of the first character, and of a compound surname."""
    for reading in _as_surname(units[0]) if units else ():
        yield 1, (reading,)
    for written in _COMPOUNDS.get("".join(units[:2]), ()):
        yield 2, tuple(written.split())


def _given(units: list[str]) -> Iterator[Syllables]:
    each = [_readings(unit)[:1] + tuple(_GIVEN.get(unit, "").split()) for unit in units]
    return islice(product(*filter(None, each)), _MOST_READINGS)


def _as_surname(unit: str) -> Syllables:
    if unit in _SURNAMES:
        return tuple(_SURNAMES[unit].split())
    readings = _readings(unit)
    return readings[:1] if unit in _READ_ONE_WAY else readings


@lru_cache(maxsize=10_000)
def _readings(unit: str) -> Syllables:
    """The syllables a character may be read as, the usual one first; a Latin word is its own."""
    if unit.isascii():
        return (unit,)
    if unit in _NOT_IN_DICTIONARY:
        return (_NOT_IN_DICTIONARY[unit],)
    found = pinyin(unit, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(found[0]) if found else ()


def _spelled(surname: Syllables, given: Syllables, starts: set[int]) -> set[str]:
    whole = surname + given
    first_letters = "".join(syllable[0] for syllable in given)
    spelled = {
        "".join(syllable[0] for syllable in surname) + first_letters,
        "".join(surname) + first_letters,
    }
    return spelled | {"".join(whole[at:]) for at in {0, len(surname)} | starts}

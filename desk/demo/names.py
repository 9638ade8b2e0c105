"""Words from which invented patients are made."""

SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈彭吕苏卢蒋"
    "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙"
    "万段雷钱汤尹黎易常武乔贺赖龚文保念毕者晏"
)

# Each stands in the list at least once: rare ones, those read in an unexpected way, two
# characters, a middle dot, a character outside the common fonts.
UNUSUAL = (
    ("单志远", "male"),
    ("曾玉芬", "female"),
    ("仇国强", "male"),
    ("解春梅", "female"),
    ("查文彬", "male"),
    ("区嘉慧", "female"),
    ("翟永红", "female"),
    ("覃光荣", "male"),
    ("盖晓东", "male"),
    ("朴美玲", "female"),
    ("欧阳雪琴", "female"),
    ("司马建平", "male"),
    ("上官云霞", "female"),
    ("诸葛正明", "male"),
    ("尉迟海燕", "female"),
    ("阿卜杜拉·买买提", "male"),
    ("陈䶮", "male"),
    ("李秀英", "female"),
    ("李秀英", "female"),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


OLDER = {
    "male": _words(
        "建国 建华 志强 国庆 文忠 光明 正祥 永昌 家福 世荣 德贵 朝良 云生 开明 绍华 学文 "
        "兴旺 宝林 金华 跃进 卫东 树清 发祥 明德 存义"
    ),
    "female": _words(
        "秀英 桂芬 玉兰 琼仙 美珍 凤英 翠花 存芬 惠兰 丽华 云仙 素珍 竹仙 菊芬 月娥 "
        "学珍 金凤 红英 粉香 琼芬 爱华 桂仙 玉珍 淑芳 兰英"
    ),
}
YOUNGER = {
    "male": _words(
        "浩然 子轩 宇航 俊杰 志鹏 文涛 晓峰 嘉豪 鹏飞 思源 明轩 泽宇 建波 云龙 永康 "
        "继东 昊天 天佑 睿 磊 涛 凯 俊 翔 锐"
    ),
    "female": _words(
        "雨桐 欣怡 梓涵 思颖 晓雯 佳琪 静怡 婷婷 丽娟 海燕 晓丽 春艳 梦瑶 诗涵 语嫣 "
        "雪莲 文静 倩 娜 敏 瑶 蕊 颖 悦 璐"
    ),
}

DISTRICTS = (
    ("麒麟区", 12, ("南宁西路", "麒麟南路", "寥廓南路", "文昌街", "翠峰路", "建宁东路")),
    ("麒麟区", 10, ("胜峰路", "子午路", "玄坛路", "紫云路", "官坡路", "太和路", "北园路")),
    ("沾益区", 4, ("龙华路", "玉林路", "西平街", "珠源街")),
    ("马龙区", 2, ("龙泉路", "通泉街")),
    ("陆良县", 2, ("同乐大道", "中枢街")),
    ("宣威市", 2, ("振兴街", "榕城街")),
    ("罗平县", 1, ("罗雄街", "文笔路")),
    ("富源县", 1, ("胜境路", "中安街")),
    ("会泽县", 1, ("钟屏路", "金钟街")),
)
ESTATES = ("金水苑", "翠和园", "锦绣园", "丽景家园", "福鑫小区", "和顺花园", "清溪苑", "")

# No telephone company was given these numbers.
PHONE_PREFIXES = ("154", "161", "164", "169")
# No county has this code: the ID numbers are well-formed and nobody's.
ID_REGION = "530399"

"""One key means one thing, whatever the page."""

import re
from collections import defaultdict
from pathlib import Path

from django.conf import settings

from desk.navigation import WORKS

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
BUTTON = re.compile(r'data-key="(?P<key>[^"{]+)"[^>]*>\s*(?P<label>[^<{]*)')
COMPONENT = re.compile(r'(?<!-)label="(?P<label>[^"]+)"[^%]*\bkey="(?P<key>[^"]+)"')
# What people may do with a key: the words of the buttons that have it.
MEANINGS = {
    "F4": {"收费", "下一位病人"},
    "F6": {"新建档案", "新的导入", "新的模拟", "新建草稿", "家人没有档案，新建并添加"},
    "F7": {"修改资料", "更正", "重录", "返回修改"},
    "F8": {"退费"},
    "F9": {"打印", "打印卡片", "打印登记表"},
    "F10": {"冲正"},
}
# The next thing that is due, to save, to close: what that is depends on the page.
FREE = ("F2", "Ctrl+Enter", "Esc")


def keys_of_pages() -> dict[str, set[str]]:
    found = defaultdict(set)
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        for match in (*BUTTON.finditer(text), *COMPONENT.finditer(text)):
            found[match["key"]].add(match["label"].strip())
    for work in WORKS:
        if work.key:
            found[work.key].add(work.title)
    return found


def test_a_key_means_the_same_on_every_page() -> None:
    for key, labels in keys_of_pages().items():
        if key not in FREE:
            assert labels <= MEANINGS.get(key, set()), (key, labels)

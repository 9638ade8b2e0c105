from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.forms.components import sample_forms
from desk.navigation import WORKS
from staff.permissions import requires

THEMES = (("light", "浅色"), ("dark", "深色"))


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a list that is cut into parts; `count` is None where nobody counts."""

    title: str
    url: str
    count: int | None = None
    current: bool = False


TABS = (
    Tab("待征询", "?tab=open", 12, current=True),
    Tab("以后再问", "?tab=later", 0),
    Tab("全部", "?tab=all"),
)
MESSAGES = (
    {"text": "已保存", "tone": "success"},
    {"text": "对方系统正在导入，稍后可见", "tone": "info"},
    {"text": "这位病人有重复档案", "tone": "warning"},
    {"text": "没有保存：收据号已录入", "tone": "error"},
)


@require_safe
@requires()
def components(request: HttpRequest) -> HttpResponse:
    """Every piece that pages are made of, in every state, in both themes side by side."""
    context = {
        "themes": [_theme(code, name) for code, name in THEMES],
        "now": timezone.localtime(),
        "tabs": TABS,
        "toasts": MESSAGES,
        "work": WORKS[0],
        "kept": [("note", ["没有保存的备注"])],
    }
    return render(request, "desk/components.html", context)


def _theme(code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name": name, "forms": sample_forms(code)}

"""What every view, model and template of the product has in common."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = Path(settings.BASE_DIR)
APPS = ("staff", "scheme", "members", "points", "rewards", "desk", "api")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON = sorted(path for app in (*APPS, "config") for path in (ROOT / app).rglob("*.py"))
SCRIPTS = sorted((ROOT / "static").glob("*.js"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Django and its apps look for these by name.
BY_NAME = {
    "400.html",
    "403.html",
    "404.html",
    "405.html",
    "500.html",
    "503.html",
    "csrf.html",
    "refused.html",
    "admin/base_site.html",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def foreign_keys() -> Iterator[models.ForeignKey[models.Model, models.Model]]:
    for model in our_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey):
                yield field


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_hold_no_script_or_style_of_their_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"javascript:|https?://", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_trust_no_text(path: Path) -> None:
    assert not re.search(r"\|\s*safe|autoescape\s+off", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_pieces_open_with_a_comment_that_names_their_parameters(path: Path) -> None:
    if path.parent.name == "components" or path.name.startswith("_"):
        assert path.read_text(encoding="utf-8").startswith("{#")


def test_every_template_is_used() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (*TEMPLATES, *PYTHON)]
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        assert name in BY_NAME or any(f'"{name}"' in source for source in sources), name


def test_every_script_is_used() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (*TEMPLATES, *SCRIPTS))
    assert [path.name for path in SCRIPTS if path.name not in pages] == []


def test_code_switches_no_protection_off() -> None:
    for path in PYTHON:
        text = path.read_text(encoding="utf-8")
        assert "mark_safe" not in text and "SafeString" not in text, path
        # The HTTP API takes tokens only, never the browser's session.
        assert "csrf_exempt" not in text or path.is_relative_to(ROOT / "api"), path


def test_every_model_and_field_has_a_chinese_name() -> None:
    for model in our_models():
        if hasattr(model, "pgh_tracked_model"):
            continue
        assert CHINESE.search(str(model._meta.verbose_name)), model
        for field in model._meta.get_fields():
            if isinstance(field, models.Field) and field.editable and not field.primary_key:
                assert CHINESE.search(str(field.verbose_name)), field


def test_nothing_that_history_hangs_on_is_deleted_with_something_else() -> None:
    allowed = {models.PROTECT, models.RESTRICT, models.DO_NOTHING}
    for field in foreign_keys():
        # A draft's rows go with it; a published version and its rows are frozen by a trigger.
        if field.model._meta.app_label != "scheme":
            assert field.remote_field.on_delete in allowed, field

"""The documents name functions, tests, terms and files that exist."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APPS = ("staff", "scheme", "members", "points", "rewards", "desk", "api")
RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
# Pictures are taken of a running product and may follow later.
LINK = re.compile(r"(?<!!)\[[^\]\[]*\]\(([^)#:]+)\)")
MODULES = f"(?:{'|'.join(APPS)})" + r"(?:\.[a-z_]+)+"


@pytest.mark.parametrize("name", sorted(set(re.findall(rf"`({MODULES}\.\w+)`", RULES))))
def test_rules_name_functions_that_exist(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(import_module(module), attribute)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[^`]+::\w+)`", RULES))))
def test_rules_name_tests_that_exist(name: str) -> None:
    path, _, test = name.partition("::")
    assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")


def test_rules_name_constraints_and_triggers_that_exist() -> None:
    found = source("models", "sql")
    for named in re.findall(r"(?:constraints?|trigger) ((?:`\w+`(?:, | and )?)+)", RULES):
        for name in re.findall(r"`(\w+)`", named):
            assert name in found, name


@pytest.mark.parametrize("term", re.findall(r"^\| `(\w+)` \|", GLOSSARY, re.MULTILINE))
def test_terms_are_used_in_code(term: str) -> None:
    assert (
        re.search(rf"\b{term}\b", CODE) or (ROOT / f"desk/management/commands/{term}.py").exists()
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def source(*parts: str) -> str:
    """The code of the apps, of all modules or of those whose path has one of `parts`."""
    files = (path for app in APPS for path in (ROOT / app).rglob("*") if path.is_file())
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in files
        if path.suffix in (".py", ".sql")
        and (not parts or any(part in str(path) for part in parts))
    )


CODE = source()

"""Templates, styles and script keep to what old phones and a strict content security policy allow."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib import admin

from tests.website.files import ROOT, SCRIPTS, STYLESHEETS, TEMPLATES, name

STYLES_A_PAGE = 3
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|javascript:|<script(?![^>]*\ssrc=)""", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""")
TOO_NEW_FOR_CSS = re.compile(r"@layer|@import|oklch\(|color-mix\(|&\s*[.:\[{]|:has\(|url\(\s*['\"]?https?:")
TOO_NEW_FOR_SCRIPT = re.compile(
    r"=>|`|\b(?:let|const|class|async|await|import|export)\s|\beval\(|\.innerHTML"
)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_holds_nothing_inline_and_asks_nobody_else(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert INLINE.findall(source) == []
    assert ELSEWHERE.findall(source) == []


# Templates of the back office stand in for Django's own, which write theirs.
@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.parts[-2] != "admin"], ids=name)
def test_template_writes_no_control_by_hand(path: Path) -> None:
    inputs = re.findall(r"<(?:input|select|textarea)\b[^>]*>", path.read_text(encoding="utf-8"))
    assert [tag for tag in inputs if 'type="hidden"' not in tag] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_buttons_say_what_kind_they_are(path: Path) -> None:
    assert [
        b for b in re.findall(r"<button\b[^>]*>", path.read_text(encoding="utf-8")) if " type=" not in b
    ] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_blocks_end_by_name(path: Path) -> None:
    assert "{% endblock %}" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_page_links_at_most_three_stylesheets(path: Path) -> None:
    links = path.read_text(encoding="utf-8").count('rel="stylesheet"')
    shared = 2 if "{% block styles %}" in path.read_text(encoding="utf-8") and path.name != "base.html" else 0
    assert links + shared <= STYLES_A_PAGE


@pytest.mark.parametrize("path", STYLESHEETS, ids=name)
def test_stylesheet_is_plain_enough_for_old_engines(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert TOO_NEW_FOR_CSS.findall(source) == []
    # Whoever says dvh has said vh just before, for engines that do not know it.
    newer = re.findall(r"([\w-]+): (\d+)dvh", source)
    assert [pair for pair in newer if "{}: {}vh; {}: {}dvh".format(*pair, *pair) not in source] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_script_is_plain_es5_and_never_evaluates(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert TOO_NEW_FOR_SCRIPT.findall(source) == []


def test_script_keeps_nothing() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    assert not re.search(r"(?:local|session)Storage|indexedDB|document\.cookie|d\.cookie", source)


def test_weight() -> None:
    def packed(paths: list[Path]) -> int:
        return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)

    every = [path for path in STYLESHEETS if path.stem in ("tokens", "base")]
    for own in STYLESHEETS:
        assert packed([*every, *({own} - set(every))]) <= 8 * 1024
    assert packed(SCRIPTS) <= 5 * 1024


def test_every_style_class_in_use_is_known_and_the_other_way_round() -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in STYLESHEETS)
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)))
    sources = [*TEMPLATES, *SCRIPTS, *(ROOT / "website").rglob("*.py"), ROOT / "kit" / "form_fields.py"]
    sources += (ROOT / "privacy" / "consent" / "texts").rglob("*.html")
    sources += Path(admin.__file__).parent.rglob("templates/**/*.html")  # dressed by our staff.css
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    # Prefixes that templates and puppets complete.
    made_up = {"tile", "k", "tag", "notice", "lead", "class"}
    unused = {
        name
        for name in styled
        if name not in text and not (name.split("-")[0] in made_up and f"{name.split('-')[0]}-" in text)
    }
    assert unused == set()

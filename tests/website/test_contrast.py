"""Both themes can be told apart: text 4.5 to 1, body 7, edges and focus 3 (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from tests.website.files import ROOT

PROGRAMMES = ("drama", "puzzles", "speech", "aesthetics", "reading")
PAIRS = [
    *(("ink", ground, 7.0) for ground in ("paper", "card", "sunk", "warn-soft", "ok-soft", "pine-soft")),
    *(("ink-soft", ground, 4.5) for ground in ("paper", "card", "sunk")),
    *(("link", ground, 4.5) for ground in ("paper", "card", "pine-soft", "warn-soft", "brand-soft")),
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-strong", 4.5),
    ("wrong", "card", 4.5),
    ("wrong", "paper", 4.5),
    ("wrong", "wrong-soft", 4.5),
    ("ok", "ok-soft", 4.5),
    ("warn", "warn-soft", 4.5),
    ("pine", "paper", 4.5),
    ("pine", "pine-soft", 4.5),
    *((colour, ground, 3.0) for colour in ("edge", "focus") for ground in ("paper", "card")),
    *((programme, f"{programme}-soft", 4.5) for programme in PROGRAMMES),
    *(("ink", f"{programme}-soft", 7.0) for programme in PROGRAMMES),
]


def themes() -> dict[str, dict[str, str]]:
    source = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    bright, dark = source.split("(prefers-color-scheme: dark)")
    light = dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", bright))
    return {"light": light, "dark": {**light, **dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", dark))}}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_pair_can_be_told_apart(theme: str, front: str, ground: str, least: float) -> None:
    colours = themes()[theme]
    assert contrast(colours[front], colours[ground]) >= least

"""Puppets: the same seed, the same puppet; small, plain and coloured by classes alone."""

import re
import xml.etree.ElementTree as ET

import pytest
from django.template import engines

from website.content import PUPPETS
from website.puppets import PROGRAMMES, figure, stage_figures, troupe_figures

SEEDS = range(60)


def draw(source: str) -> str:
    return str(engines["django"].from_string(source).render({}))


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own drawing


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_same_seed_same_puppet_and_others_differ(programme: str) -> None:
    assert figure("hangzhou-1", programme) == figure("hangzhou-1", programme)
    assert len({figure(seed, programme) for seed in SEEDS}) > 30


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_each_puppet_has_its_parts(programme: str) -> None:
    for seed in SEEDS:
        shapes = figure(seed, programme)
        for part in ("k-paper", "k-eyes", "k-cheeks", "k-smile", f"k-{programme}"):
            assert part in shapes


def test_unknown_programme_still_draws() -> None:
    assert "k-smile" in figure(1, "no such programme")


def test_puppet_is_decoration_and_small() -> None:
    for programme in PROGRAMMES:
        for seed in SEEDS:
            svg = draw(f'{{% puppet "{seed}" "{programme}" %}}')
            assert len(svg) <= 640
            assert drawn(svg).attrib["aria-hidden"] == "true"


def test_stage_has_a_name_and_three_unlike_puppets() -> None:
    svg = drawn(draw('{% stage "home" %}'))
    assert svg.attrib["role"] == "img"
    assert "纸偶" in svg.attrib["aria-label"]
    for seed in SEEDS:
        puppets = re.findall(r"<g .*?</g>", stage_figures(seed))
        heads = {re.search(r'r="23"/><path class="[^"]*" d="([^"]*)"', puppet)[1] for puppet in puppets}
        assert len(puppets) == len(heads) == 3
        assert len(stage_figures(seed)) <= 2300


def test_no_colour_style_or_text_is_drawn_in() -> None:
    for seed in SEEDS:
        for shapes in (stage_figures(seed), troupe_figures(seed)):
            assert not re.search(r'fill="|style=|#[0-9A-Fa-f]{3}|<text', shapes)


def test_seed_cannot_break_out() -> None:
    assert "<script" not in draw(
        """{% puppet '"><script>' 'drama' %}{% stage "<script>" %}{% troupe "<script>" %}"""
    )


def test_troupe_is_decoration_small_and_of_three_unlike_puppets() -> None:
    svg = draw('{% troupe "beijing-muou" %}')
    assert drawn(svg).attrib["aria-hidden"] == "true"
    for seed in SEEDS:
        puppets = re.findall(r"<g .*?</g>", troupe_figures(seed))
        heads = {re.search(r'r="23"/><path class="[^"]*" d="([^"]*)"', puppet)[1] for puppet in puppets}
        assert len(puppets) == len(heads) == 3
        assert len(troupe_figures(seed)) <= 2300
    assert len({troupe_figures(seed) for seed in SEEDS}) > 50


def test_every_programme_has_a_puppet_of_its_own_on_the_home_page() -> None:
    assert tuple(PUPPETS) == PROGRAMMES
    assert len({figure(seed, programme) for programme, seed in PUPPETS.items()}) == len(PROGRAMMES)

"""The texts: short, signed, with a way out of every offer, and with nothing of the child's in them."""

import re
from string import Formatter

import pytest

from courses.models import Campus
from messaging.enums import Category
from messaging.texts import BY_DAY, ONE_PART, SIGNATURE, TEXTS, TWO_PARTS, fitting, render

LINK = "https://trial.example.cn/t/" + "x" * 32 + "/"
# The longest that each can become with what the catalogue holds.
LONGEST = {
    "when": "12月28日周六15:00",
    "course": "故事演说台",
    "campus": "乌鲁木齐·千纸鹤街校区",
    "phone": "010-0000-0001",
    "times": "12月28日周六15:00、12月30日周一15:00",
    "link": LINK,
    "way": "",
    "receipt": "7K3M9-PQR2W-XYAZA-B2CDE",
}
MINE = ("reminder_day", "missed_you", "missed_you_offer")
# All that a message may be given; a child's name, month or age is not among it.
ALLOWED = {
    "address", "campus", "city", "code", "course", "left", "link", "new", "old", "others", "phone", "reason",
    "receipt", "reference", "room", "seats", "teacher", "times", "until", "way", "when",
}  # fmt: skip


def fields(name: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(TEXTS[name].body) if field}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_takes_nothing_of_the_childs(name: str) -> None:
    assert fields(name) <= ALLOWED
    assert not re.search("小名|宝宝|岁|生日|出生", TEXTS[name].body)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_signed_and_shouts_at_nobody(name: str) -> None:
    said = render(name, dict.fromkeys(fields(name), "…"))

    assert said.startswith(SIGNATURE)
    assert "！" not in said
    assert "{" not in said


@pytest.mark.parametrize("name", MINE)
def test_a_reminder_takes_two_parts_at_the_most(name: str) -> None:
    said = render(name, LONGEST)

    assert len(said) <= (ONE_PART if name == "missed_you" else TWO_PARTS), said


@pytest.mark.clause("LAW-82")
def test_every_offer_says_how_to_refuse_the_next_and_nothing_else_offers() -> None:
    for name, text in TEXTS.items():
        assert (text.category == Category.MARKETING) == ("拒收请回复R" in text.body), name


@pytest.mark.clause("X2-2.2.5b")
def test_what_must_arrive_waits_for_no_morning_and_offers_nothing() -> None:
    assert "code" not in BY_DAY
    assert TEXTS["code"].category == Category.ESSENTIAL


@pytest.mark.django_db
def test_the_way_to_every_campus_of_the_catalogue_fits_or_is_cut_at_a_comma() -> None:
    for campus in Campus.objects.all():
        said = {**LONGEST, "campus": campus.name, "address": campus.address.replace(" ", "")}
        way = campus.how_to_come.partition("\n")[0].replace(" ", "")

        told = fitting("reminder_soon", said, name="way", said=way)

        assert len(render("reminder_soon", told)) <= TWO_PARTS
        assert f"，{way}".startswith(told["way"])
        assert told["way"], campus.name


def test_a_way_too_long_is_left_out_and_the_address_never() -> None:
    said = {**LONGEST, "address": "很长的地址" * 12}

    told = fitting("reminder_soon", said, name="way", said="地铁口出来，走三分钟")

    assert told["way"] == ""
    assert said["address"] in render("reminder_soon", told)

"""One number, however it is spelled; nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.phone import PhoneInvalid, mask, normalise, spoken

NUMBER = "+8613800138000"


def wide(text: str) -> str:
    """As a Chinese keyboard in its full-width mode types it."""
    return "".join("\u3000" if character == " " else chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    "spelling",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        " 13800138000\n",
        "(138) 0013 8000",
        "（138）0013—8000",
        "138.0013.8000",
        wide("13800138000"),
        wide("+86 138 0013 8000"),
        wide("(0086) 138-0013-8000"),
        "+8613800138000",
        "+86 138 0013 8000",
        "(+86)13800138000",
        "008613800138000",
        "0086-138-0013-8000",
        "8613800138000",
        "\ufeff13800138000",
        "138\u200b0013\u200d8000",
        "\u202d13800138000\u202c",
        "138\u00a00013\u30008000",
        "138\u221200138000",
    ],
)
def test_every_spelling_is_the_same_number(spelling: str) -> None:
    assert normalise(spelling) == NUMBER


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        13800138000,
        True,
        ["13800138000"],
        {"phone": "13800138000"},
        b"13800138000",
        "",
        "   ",
        "1380013800",
        "138001380001",
        "013800138000",
        "2380013800",
        "01012345678",  # a landline in Beijing
        "02112345678",
        "4001234567",
        "+85261234567",  # Hong Kong, valid there
        "85261234567",
        "+14155552671",
        "+8601012345678",
        "86861380013800",
        "1380013800x",
        "l3800138000",
        "138O0138000",
        "13800138000;13900139000",
        "13800138000 13900139000",
        "12345678901",
        "19400138000",  # a range no carrier has
        "11111111111",
        "1" * 10_000_000,
        wide("1" * 65),
        "\u200b" * 65 + "13800138000",
        "\x0013800138000",
        "\ud80013800138000",
    ],
)
def test_anything_else_is_refused(wrong: object) -> None:
    with pytest.raises(PhoneInvalid):
        normalise(wrong)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("1380013800", "少了 1 位"),
        ("+86 138", "少了 8 位"),
        ("138001380001", "多了 1 位"),
        ("1380013800x", "只要数字"),
        ("", "请填 11 位"),
    ],
)
def test_the_hint_says_what_to_change(typed: str, hint: str) -> None:
    with pytest.raises(PhoneInvalid) as refused:
        normalise(typed)
    assert hint in str(refused.value.hint)


_between = st.text(alphabet=" \t-–—.()（）\u200b\u200c\u2060\ufeff\u3000", max_size=2)
_mobiles = st.builds(
    "{}{:08d}".format,
    st.sampled_from(["130", "139", "150", "166", "170", "188", "192", "199"]),
    st.integers(0, 99_999_999),
)


@given(
    number=_mobiles,
    prefix=st.sampled_from(["", "+86", "86", "0086", wide("+86")]),
    gaps=st.lists(_between, min_size=11, max_size=11),
    widely=st.booleans(),
)
def test_decoration_never_changes_the_number(number: str, prefix: str, gaps: list[str], widely: bool) -> None:
    digits = wide(number) if widely else number
    spelling = prefix + "".join(gap + digit for gap, digit in zip(gaps, digits, strict=True))
    assert normalise(spelling) == f"+86{number}"


@given(st.text(max_size=80) | st.integers() | st.none() | st.lists(st.text()))
def test_any_input_is_a_mobile_or_is_refused(anything: object) -> None:
    try:
        number = normalise(anything)
    except PhoneInvalid:
        return
    assert number.startswith("+861")
    assert len(number) == 14
    assert normalise(number) == number


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(PhoneInvalid) as refused:
        normalise("138001380009")
    assert "138" not in f"{refused.value!r} {refused.value.hint}"


def test_masked_and_spoken() -> None:
    assert mask(NUMBER) == "138****8000"
    assert spoken(NUMBER) == "138 0013 8000"

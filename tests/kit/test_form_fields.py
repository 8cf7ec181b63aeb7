"""Fields take what people really type, say what is wrong, and tie label, hint and error to their control."""

import html
import re
from typing import Any

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from kit.form_fields import ECHO_LIMIT, AgreementField, CodeField, PhoneField, SelectField, grouped

FULL_WIDTH = "".join(chr(0xFF10 + digit) for digit in range(6))
CITIES = grouped([("B", "beijing", "北京"), ("S", "shanghai", "上海"), ("S", "suzhou", "苏州")])


class Sample(forms.Form):
    phone = PhoneField(help_text="只用来确认预约")
    code = CodeField()
    city = SelectField(label="城市", choices=lambda: CITIES, placeholder="请选择城市")
    agreed = AgreementField(label="用户协议")


GOOD = {"phone": "138 0013 8000", "code": "012345", "city": "suzhou", "agreed": "on"}


def sample(**changes: Any) -> Sample:
    return Sample({**GOOD, **changes})


def errors(name: str, **changes: Any) -> list[str]:
    return list(sample(**changes).errors.get(name, []))


def test_good_answers_are_cleaned() -> None:
    form = sample()
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "phone": "+8613800138000",
        "code": "012345",
        "city": "suzhou",
        "agreed": True,
    }


@pytest.mark.parametrize(
    "typed", ["012345", " 012 345\n", FULL_WIDTH, "0 1 2 3 4 5", "\u200b012345", "٠١٢٣٤٥"]
)
def test_code_in_any_spelling(typed: str) -> None:
    form = sample(code=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["code"] == "012345"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "请填短信里的 6 位数字"),
        ("   ", "请填短信里的 6 位数字"),
        ("\u200b", "请填短信里的 6 位数字"),
        ("12345", "验证码少了 1 位，请检查"),
        ("12345678", "验证码多了 2 位，请检查"),
        ("12a456", "验证码只有数字，请再看一眼短信"),
        ("12345½", "验证码只有数字，请再看一眼短信"),
    ],
)
def test_wrong_code_is_told_what_is_wrong(typed: str, says: str) -> None:
    assert errors("code", code=typed) == [says]


def test_missing_number_and_missing_digit() -> None:
    assert errors("phone", phone="") == ["请填手机号"]
    assert "少了 1 位" in errors("phone", phone="138 0013 800")[0]


@pytest.mark.parametrize("typed", ["138 0013 800", "12345", "<b>", "\"'>"])
def test_what_was_typed_is_shown_again_as_typed(typed: str) -> None:
    shown = re.search(r'name="phone" value="([^"]*)"', str(sample(phone=typed)["phone"]))
    assert shown
    assert html.unescape(shown[1]) == typed


@pytest.mark.parametrize("name", ["phone", "code", "city"])
def test_huge_answers_are_refused_and_not_echoed(name: str) -> None:
    form = sample(**{name: "9" * 60_000})
    assert form.errors[name]
    assert len(str(form[name])) < 2_000 + ECHO_LIMIT


@pytest.mark.parametrize("name", ["phone", "code", "city"])
def test_nul_is_refused_and_not_echoed(name: str) -> None:
    form = sample(**{name: "1\x002"})
    assert form.errors[name]
    assert "\x00" not in str(form[name])


@given(st.text())
def test_any_text_is_an_answer_or_an_error(text: str) -> None:
    form = sample(phone=text, code=text, city=text)
    for name in form.errors:
        assert str(form[name])


def test_list_opens_with_a_line_that_asks_to_choose() -> None:
    drawn = str(Sample()["city"])
    first = re.search(r"<option value=\"([^\"]*)\"[^>]*>([^<]*)<", drawn)
    assert first
    assert first.groups() == ("", "请选择城市")
    assert re.findall(r'<optgroup label="(\w)"', drawn) == ["B", "S"]


@pytest.mark.parametrize("city", ["", "atlantis", "B"])
def test_only_listed_choices_are_taken(city: str) -> None:
    assert errors("city", city=city)


def test_choices_are_read_anew_for_every_form() -> None:
    asked = []

    class Fresh(forms.Form):
        city = SelectField(choices=lambda: asked.append(1) or CITIES)  # type: ignore[func-returns-value]  # counts its calls

    before = len(asked)
    str(Fresh()["city"])
    str(Fresh()["city"])
    assert len(asked) >= before + 2


@pytest.mark.clause("L-SITE-19")
def test_consent_is_never_ticked_beforehand() -> None:
    class Insisting(forms.Form):
        agreed = AgreementField(label="用户协议", initial=True)

    assert "checked" not in str(Insisting()["agreed"])
    assert "checked" not in str(Insisting(initial={"agreed": True})["agreed"])
    assert "checked" in str(sample()["agreed"])


@pytest.mark.parametrize("posted", ["", "false", "False", "0", "off", "no", "null", "undefined"])
def test_consent_is_not_inferred(posted: str) -> None:
    assert errors("agreed", agreed=posted) == ["这一项还没有勾选"]


def test_label_hint_and_error_belong_to_the_control() -> None:
    group = sample(phone="12")["phone"].as_field_group()
    assert '<label for="id_phone">' in group
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in group
    assert 'aria-invalid="true"' in group
    for part in ("id_phone_helptext", "id_phone_error", "id_phone"):
        assert group.count(f'id="{part}"') == 1


def test_browser_does_not_judge() -> None:
    drawn = "".join(str(field) for field in Sample())
    assert not re.search("required|pattern|maxlength", drawn)


def test_keyboards_and_autofill() -> None:
    form = Sample()
    assert 'type="tel"' in str(form["phone"])
    assert 'autocomplete="tel"' in str(form["phone"])
    assert 'inputmode="numeric"' in str(form["code"])
    assert 'autocomplete="one-time-code"' in str(form["code"])

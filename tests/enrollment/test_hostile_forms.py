"""What no browser of ours ever posts: an answer in plain words, never a fault, and nothing kept."""

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User, VerificationCode
from enrollment.models import TrialBooking
from tests.people import PRIVACY_AND_TERMS, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ODD = {
    "NUL": b"%00",
    "NUL amid letters": b"AAAAAAAAAA%00AAAAAAAAAAA",
    "lone surrogate": b"%ED%A0%80",
    "lone surrogates of a challenge's length": b"%ED%A0%80" * 22,
    "a thousand letters": b"A" * 1000,
    "a right length of wide letters": quote("Ａ" * 22).encode(),
    "not UTF-8": b"%FF%FE",
    "a line": b"A" * 22 + b"%0A",
}
PAGES = ("/trial/", "/account/login/")


def post(page: str, phone: str, field: str, odd: bytes, **more: str) -> object:
    fields = {
        "phone": phone,
        "code": "305214",
        "challenge": "",
        "city": "beijing",
        **PRIVACY_AND_TERMS,
        **more,
    }
    body = b"&".join(
        [f"{name}={quote(value)}".encode() for name, value in fields.items() if name != field]
        + [field.encode() + b"=" + odd]
    )
    return Client().post(page, body, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_challenge_is_an_invalid_code(page: str, odd: bytes) -> None:
    phone = new_phone()

    response = post(page, phone, "challenge", odd)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["code"]
    assert response.context["form"]["phone"].value() == phone
    assert not TrialBooking.objects.exists()
    assert not User.objects.exists()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_challenge_does_not_keep_a_code_from_being_sent(page: str, odd: bytes) -> None:
    response = post(page, new_phone(), "challenge", odd, action="send_code")

    assert response.status_code == 200
    assert VerificationCode.objects.count() == 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "field", ["code", "phone", "terms_version", "privacy_version", "action", "next", "city"]
)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_values_elsewhere_are_the_page_again(page: str, field: str, odd: bytes) -> None:
    response = post(page, new_phone(), field, odd)

    assert response.status_code == 422
    assert response.context["form"].errors
    assert not User.objects.exists()

"""The same way by API: bodies, answers, and one shape for every error."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from enrollment.models import TrialBooking
from tests.people import last_code, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def documents(client: Client) -> list[dict[str, str]]:
    return [
        {"document": each["document"], "version": each["version"]}
        for each in client.get("/api/v1/documents/").json()
    ]


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def proved(client: Client, phone: str, purpose: str = "booking") -> dict[str, str]:
    asked = post(client, "verification-codes/", {"phone": phone, "purpose": purpose})
    assert asked.status_code == 202, asked.content
    return {"challenge": asked.json()["challenge"], "code": last_code(phone)}


def test_whole_way_by_api(client: Client) -> None:
    phone = new_phone()

    made = post(
        client,
        "trial-bookings/",
        {**proved(client, phone), "city": "beijing", "agreements": documents(client)},
    )

    booking = made.json()
    assert made.status_code == 201
    assert (booking["status"], booking["city"]) == ("requested", "beijing")
    assert "+08:00" in booking["created_at"]
    assert client.get("/api/v1/me/").json() == {
        "authenticated": True,
        "phone_masked": f"{phone[:3]}****{phone[-4:]}",
        "children": [],
    }
    assert client.get("/api/v1/trial-bookings/").json() == {"results": [booking], "next": None}
    assert client.get(f"/api/v1/trial-bookings/{booking['id']}/").json() == booking
    cancelled = post(client, f"trial-bookings/{booking['id']}/cancel/", {})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert post(client, "logout/", {}).status_code == 204
    assert client.get("/api/v1/me/").json() == {"authenticated": False}


def test_no_integer_and_no_subject_id_leaves(client: Client) -> None:
    made = post(
        client,
        "trial-bookings/",
        {**proved(client, new_phone()), "city": "beijing", "agreements": documents(client)},
    )

    row = TrialBooking.objects.get()
    assert str(row.pk) not in made.content.decode()
    assert str(row.guardian_id) not in made.content.decode()


def test_answer_to_asking_for_a_code(client: Client) -> None:
    asked = post(client, "verification-codes/", {"phone": new_phone(), "purpose": "booking"})

    assert asked.status_code == 202
    assert {key: value for key, value in asked.json().items() if key != "challenge"} == {
        "expires_in": 300,
        "resend_in": 60,
    }


def problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"].startswith("application/problem+json"), response["Content-Type"]
    body = response.json()
    assert body["title"]
    return response.status_code, body["code"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"code": None}, (422, "invalid")),
        ({"code": 123456}, (422, "code_invalid")),
        ({"code": ["1"]}, (422, "code_invalid")),
        ({"code": "9" * 10_000}, (422, "code_invalid")),
        ({"challenge": "nobody"}, (422, "code_invalid")),
        ({"challenge": {"a": 1}}, (422, "invalid")),
        ({"city": None}, (422, "invalid")),
        ({"city": "atlantis"}, (422, "invalid")),
        ({"city": ["beijing"]}, (422, "invalid")),
        ({"city": 7}, (422, "invalid")),
        ({"agreements": []}, (409, "agreements_required")),
        ({"agreements": "all"}, (422, "invalid")),
        (
            {
                "agreements": [
                    {"document": "terms", "version": "0.9"},
                    {"document": "privacy", "version": "0.9"},
                ]
            },
            (409, "document_stale"),
        ),
        ({"agreements": [{"document": "everything", "version": "1.0"}]}, (422, "invalid")),
        ({"agreements": [None]}, (422, "invalid")),
        ({"agreements": [{}] * 1000}, (422, "invalid")),
    ],
)
def test_bad_bodies_are_problems_and_the_good_one_still_works(
    client: Client, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    body = {**proved(client, new_phone()), "city": "beijing", "agreements": documents(client)}

    assert problem(post(client, "trial-bookings/", {**body, **changed})) == expected
    assert not TrialBooking.objects.exists()
    assert not User.objects.exists()
    assert post(client, "trial-bookings/", body).status_code == 201


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{", (400, "malformed")),
        ("[]", (400, "malformed")),
        ("[" * 5000 + "]" * 5000, (400, "malformed")),
        ('{"phone":' * 5000 + "1" + "}" * 5000, (400, "malformed")),
        ('{"phone": "\\ud800"}', (400, "malformed")),
        ('{"phone": "1\\u0000"}', (400, "malformed")),
        ('{"phone": NaN}', (400, "malformed")),
        ("{}", (422, "invalid")),
        ('{"phone": null, "purpose": "booking"}', (422, "invalid")),
        ('{"phone": [], "purpose": "booking"}', (422, "phone_invalid")),
        ('{"phone": "12345", "purpose": "booking"}', (422, "phone_invalid")),
        ('{"phone": "13800138000", "purpose": "hack"}', (422, "invalid")),
    ],
)
def test_malformed_requests_for_codes(client: Client, body: str, expected: tuple[int, str]) -> None:
    assert problem(post(client, "verification-codes/", body)) == expected


def test_huge_body_is_413(client: Client) -> None:
    assert post(client, "verification-codes/", {"phone": "1" * 200_000}).status_code == 413


def test_form_encoded_body_is_415(client: Client) -> None:
    response = client.post("/api/v1/verification-codes/", {"phone": "13800138000"})

    assert problem(response) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "path", ["verification-codes/", "trial-bookings/", "login/", "logout/", "trial-bookings/x/cancel/"]
)
def test_every_unsafe_call_needs_the_csrf_token_signed_in_or_not(path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get("/api/v1/me/")

    assert problem(post(strict, path, {})) == (403, "csrf_failed")
    token = strict.cookies["csrftoken"].value
    assert post(strict, path, {}, **{"X-CSRFToken": token}).status_code != 403


def test_unknown_address_and_unknown_booking_are_404_problems(client: Client) -> None:
    assert problem(client.get("/api/v1/nothing/")) == (404, "not_found")
    assert problem(client.get("/api/v1/trial-bookings/AAAAAAAAAAAAAAAAAAAAAA/")) == (404, "not_found")


def test_somebody_elses_booking_is_404(client: Client) -> None:
    other = Client()
    theirs = post(
        other,
        "trial-bookings/",
        {**proved(other, new_phone()), "city": "beijing", "agreements": documents(other)},
    ).json()

    assert problem(client.get(f"/api/v1/trial-bookings/{theirs['id']}/")) == (404, "not_found")
    assert problem(post(client, f"trial-bookings/{theirs['id']}/cancel/", {})) == (404, "not_found")
    assert TrialBooking.objects.get().state == "requested"


def test_list_of_bookings_needs_a_login(client: Client) -> None:
    assert problem(client.get("/api/v1/trial-bookings/")) == (401, "login_required")


def test_key_repeated_with_the_same_body_is_the_same_booking_and_with_another_a_conflict(
    client: Client,
) -> None:
    body = {**proved(client, new_phone()), "city": "beijing", "agreements": documents(client)}
    key = {"Idempotency-Key": "order-1"}
    first = post(client, "trial-bookings/", body, **key)

    assert post(client, "trial-bookings/", body, **key).json() == first.json()
    assert problem(post(client, "trial-bookings/", {**body, "city": "shanghai"}, **key)) == (
        409,
        "idempotency_conflict",
    )
    assert TrialBooking.objects.count() == 1


def test_second_request_in_the_same_city_names_the_first(client: Client) -> None:
    first = post(
        client,
        "trial-bookings/",
        {**proved(client, new_phone()), "city": "beijing", "agreements": documents(client)},
    ).json()

    again = post(client, "trial-bookings/", {"city": "beijing", "agreements": documents(client)})

    assert problem(again) == (409, "already_booked")
    assert again.json()["booking"] == first


def test_proof_lasts_for_another_try_without_a_second_message(client: Client) -> None:
    phone = new_phone()
    code = proved(client, phone)
    refused = post(client, "trial-bookings/", {**code, "city": "beijing", "agreements": []})
    assert problem(refused) == (409, "agreements_required")

    made = post(client, "trial-bookings/", {"city": "beijing", "agreements": documents(client)})

    assert made.status_code == 201


def test_without_code_login_or_proof_nothing_is_booked(client: Client) -> None:
    response = post(client, "trial-bookings/", {"city": "beijing", "agreements": documents(client)})

    assert problem(response) == (401, "login_required")


def test_login_makes_no_account_without_agreements_and_no_second_message(client: Client) -> None:
    code = proved(client, new_phone(), "login")
    refused = post(client, "login/", code)
    assert problem(refused) == (409, "agreements_required")
    assert [each["document"] for each in refused.json()["documents"]] == ["terms", "privacy"]
    assert not User.objects.exists()

    entered = post(client, "login/", {**code, "agreements": documents(client)})

    assert entered.json()["authenticated"] is True
    assert User.objects.count() == 1


def test_code_that_let_in_lets_in_nobody_again(client: Client) -> None:
    code = proved(client, new_phone(), "login")
    body = {**code, "agreements": documents(client)}
    assert post(client, "login/", body).status_code == 200

    assert problem(post(client, "login/", body)) == (422, "code_invalid")
    assert problem(post(Client(), "login/", body)) == (422, "code_invalid")


def test_code_asked_for_booking_does_not_log_in(client: Client) -> None:
    assert problem(post(client, "login/", proved(client, new_phone()))) == (422, "code_invalid")


def test_personal_answers_are_not_cached(client: Client) -> None:
    assert "no-store" in client.get("/api/v1/me/")["Cache-Control"]


def test_openapi_document_describes_every_call(client: Client) -> None:
    response = client.get("/api/schema/?format=json")

    assert response.status_code == 200
    assert {"/api/v1/trial-bookings/", "/api/v1/verification-codes/", "/api/v1/login/"} <= set(
        response.json()["paths"]
    )


def test_openapi_document_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


def cursor(said: bytes) -> str:
    return base64.b64encode(said).decode()


@pytest.mark.parametrize(
    "forged",
    [
        cursor(b"p=foo"),
        cursor(b"p=2020-13-45"),
        cursor(b"p=2020-13-45T99:00:00Z"),
        cursor(b"p=2020-01-01T00:00:00"),
        cursor(b"p=%00"),
        cursor(b"p=\x00"),
        cursor("p=\u5341".encode()),
        cursor(b"p=" + b"9" * 2000),
        cursor(b"o=-1"),
        cursor(b"r=1&p=foo"),
        cursor(b"\xff\xfe"),
        "%00",
        "not base64",
    ],
)
def test_forged_cursor_is_a_problem(client: Client, forged: str) -> None:
    post(
        client,
        "trial-bookings/",
        {**proved(client, new_phone()), "city": "beijing", "agreements": documents(client)},
    )

    response = client.get("/api/v1/trial-bookings/", {"cursor": forged})

    assert problem(response) in {(404, "not_found"), (400, "malformed")}


def test_pages_of_bookings_follow_each_other(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrollment.api.Pages.page_size", 2)
    body = {**proved(client, new_phone()), "agreements": documents(client)}
    for city in ("beijing", "shanghai", "chongqing"):
        post(client, "trial-bookings/", {**body, "city": city})
        body.pop("challenge", None), body.pop("code", None)

    first = client.get("/api/v1/trial-bookings/").json()
    second = client.get(first["next"]).json()

    assert [booking["city"] for booking in first["results"]] == ["chongqing", "shanghai"]
    assert [booking["city"] for booking in second["results"]] == ["beijing"]
    assert second["next"] is None

"""The trial form without JavaScript: the whole way, and everything that can be wrong on it."""

import re

import pytest
from django.test import Client

from accounts.models import PhoneBinding, Session, User, VerificationCode
from enrollment.models import BookingEvent, TrialBooking
from messaging.models import Message
from privacy.audit.models import AuditEvent
from privacy.consent.models import ConsentRecord
from tests.people import PRIVACY_AND_TERMS, ask_code, book, filled, last_code, new_phone, texts_to

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.mark.clause("L-SITE-20")
def test_five_fields_make_an_account_a_booking_and_its_consents(client: Client) -> None:
    phone = new_phone()

    response = book(client, phone)

    booking = TrialBooking.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/trial/{booking.public_id}/"
    assert booking.state == "requested"
    assert booking.city.slug == "beijing"
    assert PhoneBinding.objects.get(user=booking.guardian).phone == f"+86{phone}"
    consents = ConsentRecord.objects.filter(subject_id=booking.owner_id)
    assert sorted(consents.values_list("purpose", "channel", "acting_role")) == [
        ("privacy", "web", "guardian_or_authorised"),
        ("terms", "web", "guardian_or_authorised"),
    ]
    assert list(BookingEvent.objects.values_list("state", "actor_kind")) == [("requested", "guardian")]
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {
        "guardian.registered",
        "consent.given",
        "trial.requested",
        "user.logged_in",
    }


def test_booking_page_shows_what_was_booked_and_the_number_masked(client: Client) -> None:
    phone = new_phone()
    response = client.get(book(client, phone)["Location"])

    page = response.content.decode()
    assert response.status_code == 200
    assert TrialBooking.objects.get().reference in page
    assert f"{phone[:3]}****{phone[-4:]}" in page
    assert phone not in page


def test_confirmation_goes_out_with_a_link_that_opens_this_booking_alone() -> None:
    phone, stranger = new_phone(), Client()
    mine = book(Client(), phone)["Location"]
    other = book(Client(), new_phone())["Location"]
    link = re.search(r"(/t/\S+/)", texts_to(phone)[-1])[1]

    assert stranger.get(mine).status_code == 404
    assert stranger.get(link)["Location"] == mine
    assert stranger.get(mine).status_code == 200
    assert stranger.get(other).status_code == 404
    assert stranger.get("/account/").status_code == 302


def test_guessed_link_is_not_found(client: Client) -> None:
    book(Client(), new_phone())

    assert client.get(f"/t/{'A' * 32}/").status_code == 404


def test_somebody_elses_booking_is_not_found(client: Client) -> None:
    theirs = book(Client(), new_phone())["Location"]
    book(client, new_phone())

    assert client.get(theirs).status_code == 404
    assert client.get(theirs + "cancel/").status_code == 404
    assert client.post(theirs + "cancel/").status_code == 404
    assert TrialBooking.objects.filter(state="requested").count() == 2


def test_cancel_asks_on_get_and_acts_on_post(client: Client) -> None:
    page = book(client, new_phone())["Location"]

    assert client.get(page + "cancel/").status_code == 200
    assert TrialBooking.objects.get().state == "requested"
    assert client.post(page + "cancel/")["Location"] == page
    booking = TrialBooking.objects.get()
    assert (booking.state, booking.closed_at is None) == ("cancelled", False)
    assert client.post(page + "cancel/").status_code == 303
    assert BookingEvent.objects.filter(state="cancelled").count() == 1


def test_returning_guardian_keeps_the_account_and_needs_no_code_when_signed_in(client: Client) -> None:
    phone = new_phone()
    book(client, phone)

    page = client.get("/trial/")
    response = client.post("/trial/", {"city": "shanghai", **PRIVACY_AND_TERMS})

    assert "phone" not in page.context["form"].fields
    assert response.status_code == 303
    assert User.objects.count() == 1
    assert TrialBooking.objects.count() == 2


def test_second_request_in_the_same_city_is_led_to_the_first(client: Client) -> None:
    phone = new_phone()
    first = book(client, phone)["Location"]

    response = client.post("/trial/", {"city": "beijing", **PRIVACY_AND_TERMS})

    assert response.status_code == 409
    assert first in response.content.decode()
    assert TrialBooking.objects.count() == 1


def test_repeated_post_of_the_same_form_is_the_same_booking(client: Client) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = filled(phone, challenge)

    first, second = client.post("/trial/", form), client.post("/trial/", form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert TrialBooking.objects.count() == 1


def test_used_code_in_another_browser_is_refused(client: Client) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = filled(phone, challenge)
    client.post("/trial/", form)

    response = Client().post("/trial/", {**form, "city": "shanghai"})

    assert response.status_code == 422
    assert TrialBooking.objects.count() == 1


def test_code_of_one_number_with_another_in_the_form_is_refused(client: Client) -> None:
    phone, other = new_phone(), new_phone()
    challenge = ask_code(client, phone)
    form = {
        "phone": other,
        "code": last_code(phone),
        "challenge": challenge,
        "city": "beijing",
        **PRIVACY_AND_TERMS,
    }

    response = client.post("/trial/", form)

    assert response.status_code == 422
    assert not User.objects.exists()


def test_sending_a_code_keeps_everything_typed(client: Client) -> None:
    phone = new_phone()

    response = client.post(
        "/trial/", {"phone": phone, "city": "shanghai", "agree_terms": "on", "action": "send_code"}
    )

    form = response.context["form"]
    assert response.status_code == 200
    assert response.context["challenge"]
    assert form["phone"].value() == phone
    assert form["city"].value() == "shanghai"
    assert form["agree_terms"].value()
    assert not form["agree_privacy"].value()
    assert not form.errors


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "1380000000"}, "phone"),
        ({"phone": "01012345678"}, "phone"),
        ({"phone": "+85261234567"}, "phone"),
        ({"phone": "1" * 50_000}, "phone"),
        ({"code": ""}, "code"),
        ({"code": "12345"}, "code"),
        ({"code": "1234567"}, "code"),
        ({"code": "abcdef"}, "code"),
        ({"city": ""}, "city"),
        ({"city": "atlantis"}, "city"),
        ({"city": "bei\x00jing"}, "city"),
        ({"agree_terms": ""}, "agree_terms"),
        ({"agree_privacy": ""}, "agree_privacy"),
    ],
)
def test_bad_input_says_which_field_and_loses_nothing(
    client: Client, changed: dict[str, str], field: str
) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    form = filled(phone, challenge)

    response = client.post("/trial/", {**form, **changed})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    kept = {
        name: response.context["form"][name].value() for name in form if name not in {"challenge", *changed}
    }
    assert kept == {name: (True if name.startswith("agree") else form[name]) for name in kept}
    assert response.context["challenge"] == challenge
    assert not TrialBooking.objects.exists()
    good = client.post("/trial/", form)
    assert good.status_code == 303


def test_digits_of_any_kind_and_spaces_are_read_as_the_code(client: Client) -> None:
    phone = new_phone()
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    challenge = ask_code(client, phone)
    code = last_code(phone).translate(wide)

    response = client.post(
        "/trial/",
        {
            "phone": phone,
            "code": f" {code[:3]} {code[3:]}\n",
            "challenge": challenge,
            "city": "beijing",
            **PRIVACY_AND_TERMS,
        },
    )

    assert response.status_code == 303


@pytest.mark.clause("L-PP-4.4-3")
def test_fields_nobody_asked_for_are_stored_nowhere(client: Client) -> None:
    phone = new_phone()

    response = book(client, phone, child_name="小豆包", child_birthday="2020-05-17", notes="小豆包怕黑")

    assert response.status_code == 303
    for model in (TrialBooking, User, VerificationCode, Message, AuditEvent, ConsentRecord):
        assert "小豆包" not in repr(list(model.objects.values()))
    assert "小豆包" not in "".join(texts_to(phone))


def test_agreement_to_a_version_that_is_not_in_force_is_asked_for_again(client: Client) -> None:
    response = book(client, new_phone(), terms_version="0.9")

    assert response.status_code == 409
    assert not User.objects.exists()
    assert not ConsentRecord.objects.exists()
    assert not response.context["form"]["agree_terms"].value()


@pytest.mark.clause("L-PP-2-1.3a")
def test_somebody_under_18_leaves_nothing_behind(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)
    assert VerificationCode.objects.count() == 1

    response = client.post("/trial/under-18/", {"phone": phone})

    assert response.status_code == 303
    assert client.get(response["Location"]).status_code == 200
    assert not VerificationCode.objects.exists()
    assert not Message.objects.exclude(state="void").exists()
    assert texts_to(phone) == []


@pytest.mark.clause("L-PP-2-1.3a")
def test_somebody_under_18_leaves_nothing_behind_though_the_message_has_gone_out(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)
    last_code(phone)
    assert Message.objects.filter(state="sent").count() == 1

    assert client.post("/trial/under-18/", {"phone": phone}).status_code == 303

    assert not VerificationCode.objects.exists()
    assert not Message.objects.exists()
    assert not Session.objects.exists()
    assert client.post("/trial/", {"city": "beijing", **PRIVACY_AND_TERMS}).status_code == 422


def test_number_proved_just_before_may_be_exchanged_for_another(client: Client) -> None:
    assert book(client, new_phone(), terms_version="0.9").status_code == 409
    assert "phone" not in client.get("/trial/").context["form"].fields

    left = client.post("/trial/", {"action": "other_number", "city": "shanghai"})
    page = client.get(left["Location"])

    assert left.status_code == 303
    assert "phone" in page.context["form"].fields
    assert page.context["form"]["city"].value() == "shanghai"
    assert 'name="phone"' in page.content.decode()
    again = client.post("/trial/", {"city": "shanghai", **PRIVACY_AND_TERMS})
    assert again.status_code == 422
    assert {"phone", "code"} <= set(again.context["form"].errors)
    assert not TrialBooking.objects.exists()


def test_other_number_signs_a_guardian_out_and_leaves_the_booking(client: Client) -> None:
    page = book(client, new_phone())["Location"]

    client.post("/trial/", {"action": "other_number", "city": "shanghai"})

    assert client.get("/account/").status_code == 302
    assert client.get(page).status_code == 404
    assert TrialBooking.objects.get().state == "requested"


def test_pages_answer_head_as_they_answer_get(client: Client) -> None:
    page = book(client, new_phone())["Location"]

    for path in ("/trial/", "/trial/under-18/", page, f"{page}cancel/", "/account/"):
        assert client.head(path).status_code == client.get(path).status_code == 200, path
    assert Client().head(page).status_code == 404
    assert TrialBooking.objects.get().state == "requested"


def test_nothing_is_ticked_beforehand(client: Client) -> None:
    page = client.get("/trial/?agree_terms=on&agree_privacy=on").content.decode()

    assert "checked" not in page


@pytest.mark.clause("L-SITE-14")
def test_no_field_about_money_and_the_page_says_free(client: Client) -> None:
    response = client.get("/trial/")

    assert "免费" in response.content.decode()
    assert set(response.context["form"].fields) == {
        "phone",
        "code",
        "city",
        "campus",
        "session",
        "pick",
        "channel",
        "child_nickname",
        "child_birth_month",
        "sibling1_nickname",
        "sibling1_birth_month",
        "sibling2_nickname",
        "sibling2_birth_month",
        "more",
        "agree_children",
        "refuses_children",
        "children_version",
        "agree_terms",
        "agree_privacy",
        "terms_version",
        "privacy_version",
    }


def test_enter_books_and_never_sends_a_message(client: Client) -> None:
    page = client.get("/trial/").content.decode()
    buttons = re.findall(r"<button[^>]*type=\"submit\"[^>]*>", page)

    assert 'value="send_code"' not in buttons[0]


def test_too_many_codes_answers_429_with_when_to_come_back(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)

    response = client.post("/trial/", {"phone": phone, "action": "send_code"})

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert response.context["form"]["phone"].value() == phone


def test_known_and_unknown_numbers_get_the_same_answer() -> None:
    known, unknown = new_phone(), new_phone()
    book(Client(), known)
    from tests.accounts.test_codes import forget_limits

    forget_limits()

    def answer(phone: str) -> str:
        page = Client().post("/trial/", {"phone": phone, "action": "send_code"})
        body = page.content.decode().replace(phone, "N").replace(f"{phone[:3]} {phone[3:7]} {phone[7:]}", "N")
        body = re.sub(r'name="(csrfmiddlewaretoken|challenge)" value="[^"]*"', "", body)
        return f"{page.status_code} {body}"

    assert answer(known) == answer(unknown)


def test_public_pages_read_without_cookies_and_set_none_that_identifies(client: Client) -> None:
    for page in ("/", "/trial/", "/legal/terms/", "/legal/privacy/", "/legal/children/", "/legal/cookies/"):
        response = Client().get(page)
        assert response.status_code == 200
        assert set(response.cookies) <= {"csrftoken"}


def test_form_says_why_it_needs_a_cookie(client: Client) -> None:
    assert "Cookie" in client.get("/trial/").content.decode()


def test_post_without_csrf_token_is_refused_with_a_page_of_ours() -> None:
    strict = Client(enforce_csrf_checks=True)

    response = strict.post("/trial/", {"phone": new_phone(), "action": "send_code"})

    assert response.status_code == 403
    assert not VerificationCode.objects.exists()


def test_session_key_changes_when_the_guardian_comes_in(client: Client) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    before = client.session.session_key
    client.post(
        "/trial/",
        filled(phone, challenge),
    )

    assert client.session.session_key != before

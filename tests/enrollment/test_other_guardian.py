"""Two guardians, one child: one trial, both told, and neither gets at what the other booked."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from enrollment.exceptions import AlreadyBooked, BookedByOther, Busy
from enrollment.models import TrialBooking
from enrollment.services.cancelling import cancel_party, cancel_trial
from enrollment.services.seats import _barred
from enrollment.services.wishes import ChildWish
from messaging.models import Message
from messaging.services import text_of
from tests.children import a_child, an_invitation, joins, name_of
from tests.enrollment.test_seats_parallel import at_once
from tests.enrollment.test_trial_classes import fields
from tests.families import a_guardian, a_seat, acting
from tests.people import ask_code, filled, new_phone
from tests.places import a_class, at
from tests.siblings import NAMES, born, party_of, typed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

BOTH = {"terms": "1.0", "privacy": "1.0", "children": "1.0"}
FATHERS = new_phone()


class Family:
    """A mother with a child of the class's age, and the father, who joined it."""

    def __init__(self) -> None:
        self.session = a_class()
        self.later = a_class(starts_at=at(days=6, hour=9))
        self.mother, self.father = a_guardian(), a_guardian(FATHERS)
        self.child_id = a_child(self.mother, NAMES[0], born(60, self.session.local_date))
        joins(self.father, an_invitation(self.mother, self.child_id))
        self.child = ChildWish(id=self.child_id)

    def books(self, guardian: User, **asked: Any) -> TrialBooking:
        given = {"child": self.child, "agreements": BOTH, **asked}
        return a_seat(given.pop("session", self.session), guardian, **given)


@pytest.fixture
def family() -> Family:
    return Family()


def told(guardian: User) -> list[str]:
    messages = Message.objects.filter(recipient_id=guardian.pk).order_by("created_at")
    return [text_of(message)[0] for message in messages]


def test_the_father_hears_of_what_the_mother_booked_and_gave_back(family: Family) -> None:
    booking = family.books(family.mother)
    cancel_trial(booking=booking, by=acting(family.mother))

    booked, cancelled = told(family.father)
    assert "孩子的另一位监护人约好了" in booked
    assert "取消了" in cancelled
    for words in (booked, cancelled):
        assert family.session.course.name in words
        assert family.session.campus.name in words
        for secret in (*NAMES, booking.reference, "http", "/t/"):
            assert secret not in words
    assert len(told(family.mother)) == 2
    assert not [words for words in told(family.mother) if "另一位" in words]


def test_nobody_is_told_of_a_child_of_ones_own(family: Family) -> None:
    family.books(family.father, child=typed(family.session, 2))
    family.books(a_guardian(), child=None)

    assert told(family.mother) == []


def test_of_a_party_the_father_hears_once(family: Family) -> None:
    second = a_child(family.mother, NAMES[1], born(60, family.session.local_date))
    joins(family.father, an_invitation(family.mother, second))

    first = family.books(family.mother, siblings=(ChildWish(id=second),))
    cancel_party(booking=first, by=acting(family.mother))

    assert len(party_of(first)) == 2
    assert len(told(family.father)) == 2


def test_one_trial_for_the_child_whoever_asks(family: Family) -> None:
    mothers = family.books(family.mother)

    with pytest.raises(BookedByOther) as refusal:
        family.books(family.father, session=family.later)
    with pytest.raises(AlreadyBooked) as own:
        family.books(family.mother, session=family.later)

    assert not isinstance(refusal.value, AlreadyBooked)
    assert mothers not in vars(refusal.value).values()
    assert own.value.booking.pk == mothers.pk
    assert TrialBooking.objects.count() == 1


def test_both_at_once_get_one(family: Family) -> None:
    outcomes = at_once(
        [lambda: family.books(family.mother), lambda: family.books(family.father, session=family.later)]
    )

    assert {type(each) for each in outcomes} == {TrialBooking, BookedByOther}
    assert TrialBooking.objects.get().child_id == family.child_id


def test_once_it_is_given_back_the_father_may_book(family: Family) -> None:
    cancel_trial(booking=family.books(family.mother), by=acting(family.mother))

    assert family.books(family.father, session=family.later).guardian_id == family.father.pk


# The page and the API


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_the_page_tells_the_father_and_leads_him_to_nothing(family: Family, client: Client) -> None:
    mothers = family.books(family.mother)
    client.force_login(family.father)
    page = client.get(f"/trial/?session={family.later.public_id}").content.decode()
    form = {**fields(page), "agree_terms": "on", "agree_privacy": "on", "child": name_of(family.child_id)}

    refused = client.post("/trial/", {**form, "agree_children": "on"})

    words = refused.content.decode()
    assert refused.status_code == 409
    assert "由另一位监护人约的" in words
    assert mothers.reference not in words
    assert mothers.public_id not in words
    assert signed_in_as(client) == str(family.father.pk)
    assert client.get(mothers.get_absolute_url()).status_code == 404


def test_who_is_refused_stays_who_asked(family: Family, client: Client) -> None:
    """Signed in on one number, he proves another one: his own. Nobody becomes the mother."""
    family.books(family.mother)
    client.force_login(family.father)
    opened = fields(client.get(f"/trial/?session={family.later.public_id}").content.decode())
    challenge = ask_code(client, FATHERS)
    typed_in = {**opened, **filled(FATHERS, challenge), "session": family.later.public_id}

    refused = client.post("/trial/", {**typed_in, "child": name_of(family.child_id), "agree_children": "on"})

    assert refused.status_code in {409, 422}
    assert signed_in_as(client) == str(family.father.pk)


def test_the_api_says_so_without_a_booking(family: Family, client: Client) -> None:
    mothers = family.books(family.mother)
    client.force_login(family.father)
    client.get("/api/v1/me/")
    body = {
        "city": "beijing",
        "session": family.later.public_id,
        "child": {"id": name_of(family.child_id)},
        "agreements": [{"document": name, "version": version} for name, version in BOTH.items()],
    }

    refused = client.post("/api/v1/trial-bookings/", body, content_type="application/json")

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "already_booked")
    assert "booking" not in problem
    assert "另一位监护人" in problem["detail"]
    assert mothers.public_id not in refused.content.decode()
    assert signed_in_as(client) == str(family.father.pk)


def test_a_number_proved_anew_signs_in_its_own_guardian_alone(client: Client) -> None:
    """The number's own trial of the course stands: the answer is theirs, and so is the session."""
    session, phone = a_class(), new_phone()
    guardian = a_guardian(phone)
    standing = a_seat(a_class(starts_at=at(days=6, hour=9)), guardian)
    challenge = ask_code(client, phone)

    refused = client.post("/trial/", {**filled(phone, challenge), "session": session.public_id})

    assert refused.status_code == 409
    assert standing.reference in refused.content.decode()
    assert signed_in_as(client) == str(guardian.pk)


def test_a_standing_trial_that_ends_meanwhile_crashes_nothing(family: Family) -> None:
    nothing_stands = TrialBooking(
        guardian=family.father,
        child_id=family.child_id,
        course=family.session.course,
        session=family.session,
    )

    assert isinstance(_barred(nothing_stands), Busy)

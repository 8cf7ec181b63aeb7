"""An account on its way out: nobody is in, the number is free, and a shared child stays with its others."""

import pytest
from django.test import Client

from accounts.models import PhoneBinding, Session, User, VerificationCode
from accounts.services.children import correct_child, find_child
from accounts.services.leaving import Accounts, Families
from enrollment.models import TrialBooking
from enrollment.services.children import remove_child
from enrollment.services.ending import Trials
from messaging.models import Message
from privacy.consent.enums import Channel
from privacy.consent.models import ConsentRecord
from privacy.keystore.blind_index import blind_index
from privacy.keystore.services import key_scope
from privacy.minors.models import Child, ChildCorrection, GuardianInvitation
from tests.children import BORN, a_child, an_invitation, joins, name_of, rules, signed_in
from tests.families import a_guardian, acting
from tests.people import ask_code, filled, new_phone
from tests.places import a_class

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.clause("L-PP-4.7-5")]


def test_nobody_is_signed_in_and_the_number_is_free() -> None:
    phone = new_phone()
    guardian, other = a_guardian(phone), a_guardian()
    signed_in(guardian)
    signed_in(other)

    Accounts().close(guardian.pk, acting(guardian))
    Accounts().close(guardian.pk, acting(guardian))

    assert set(Session.objects.values_list("account_id", flat=True)) == {other.pk}
    assert not User.objects.get(pk=guardian.pk).is_active
    digest = blind_index("binding.phone", f"+86{phone}")
    assert not PhoneBinding.objects.filter(phone_index=digest).exists()
    assert PhoneBinding.objects.live().filter(user=other).count() == 1
    assert a_guardian(phone).pk != guardian.pk


def test_codes_to_the_number_go_with_their_messages() -> None:
    phone, others_phone = new_phone(), new_phone()
    guardian = a_guardian(phone)
    ask_code(Client(), phone)
    ask_code(Client(), others_phone)

    Accounts().close(guardian.pk, acting(guardian))

    left = VerificationCode.objects.get()
    assert left.phone_index == blind_index("code.phone", f"+86{others_phone}")
    assert list(Message.objects.filter(recipient_kind="code").values_list("recipient_id", flat=True)) == [
        left.pk
    ]


def test_a_seat_held_for_the_number_is_let_go() -> None:
    phone, session = new_phone(), a_class()
    guardian = a_guardian(phone)
    ask_code(Client(), phone, session=session.public_id)
    assert TrialBooking.objects.get().state == "held"

    Trials().end_service(guardian.pk, acting(guardian))

    held = TrialBooking.objects.get()
    assert (held.state, held.phone_index) == ("cancelled", None)


def test_who_comes_back_with_the_number_begins_anew() -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    Accounts().close(guardian.pk, acting(guardian))

    browser = Client()
    challenge = ask_code(browser, phone)
    assert browser.post("/trial/", filled(phone, challenge)).status_code == 303

    again = PhoneBinding.objects.live().get()
    assert again.user_id != guardian.pk
    assert not TrialBooking.objects.of(guardian.pk).exists()


@pytest.fixture
def first() -> User:
    return a_guardian()


@pytest.fixture
def second() -> User:
    return a_guardian()


def test_a_shared_child_stays_with_the_other_and_names_whoever_left_nowhere(
    first: User, second: User
) -> None:
    child = a_child(first)
    joins(second, an_invitation(first, child))
    with key_scope():
        correct_child(
            guardian=first,
            child_id=child,
            nickname="小米",
            birth_month=BORN,
            agreements=rules(),
            channel=Channel.WEB,
        )
    lone = a_child(first, "只有我的")
    assert set(Families().alone(first.pk)) == {lone}

    assert Families().leave_shared(first.pk, acting(first)) == 1
    assert Families().leave_shared(first.pk, acting(first)) == 0

    with key_scope():
        seen = find_child(guardian=second, child_id=child)
    assert (seen.nickname, seen.birth_month) == ("小米", BORN)
    assert set(ChildCorrection.objects.values_list("by_id", flat=True)) == {None}
    assert not GuardianInvitation.objects.filter(child=child).exists()
    rests_on = ConsentRecord.objects.get(pk=Child.objects.get(pk=child).consent_id)
    assert (rests_on.subject_id, rests_on.state) == (second.pk, "given")
    assert Child.objects.filter(pk=lone).exists()


def test_a_child_rests_on_anothers_consent_when_its_guardian_removes_it(first: User, second: User) -> None:
    child = a_child(first)
    joins(second, an_invitation(first, child))

    assert not remove_child(guardian=first, public_id=name_of(child), channel=Channel.WEB)

    consent = ConsentRecord.objects.get(pk=Child.objects.get(pk=child).consent_id)
    assert (consent.subject_id, consent.state) == (second.pk, "given")

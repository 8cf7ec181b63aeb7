"""Guardians for tests, and what they ask for: straight through the services, without a page."""

from typing import Any

from django.utils import timezone

from accounts.enums import UserKind
from accounts.models import PhoneBinding, User
from accounts.services.guardians import guardian_actor
from courses.models import City
from enrollment.enums import BookingChannel
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.bookings import request_trial
from enrollment.services.wishes import TrialRequest
from messaging.models import Message
from messaging.services import text_of
from privacy.actors import Actor
from privacy.consent.services import current_versions
from privacy.keystore.blind_index import blind_index
from tests.people import new_phone


def a_guardian(phone: str | None = None) -> User:
    """A guardian with a proved number, a new one unless ``phone`` (11 digits) is given."""
    number = f"+86{phone or new_phone()}"
    user = User.objects.create(kind=UserKind.GUARDIAN)
    index = blind_index("binding.phone", number)
    PhoneBinding.objects.create(user=user, phone=number, phone_index=index, proved_at=timezone.now())
    return user


def acting(guardian: User) -> Actor:
    """The guardian as the doer."""
    return guardian_actor(guardian)


def a_wish(session: ClassSession | None = None, **changed: Any) -> TrialRequest:
    """What is asked for a seat in ``session``, or for a call from 北京, with the agreements in force."""
    asked: dict[str, Any] = {
        "city": session.campus.city if session else City.objects.get(slug="beijing"),
        "session": session,
        "agreements": current_versions(),
        "channel": BookingChannel.API,
    }
    return TrialRequest(**{**asked, **changed})


def a_seat(session: ClassSession, guardian: User | None = None, **changed: Any) -> TrialBooking:
    """A booking of the class, by somebody new unless said otherwise."""
    return request_trial(guardian=guardian or a_guardian(), request=a_wish(session, **changed))


def written_to(guardian: User) -> list[str]:
    """Every message there is for them, sent or still to be sent, the oldest first."""
    messages = Message.objects.filter(recipient_id=guardian.pk).order_by("created_at", "pk")
    return [text_of(message)[0] for message in messages]

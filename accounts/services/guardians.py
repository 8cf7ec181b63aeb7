"""Guardians: found by a proved number, made only with the agreements given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import UserKind
from accounts.models import PhoneBinding, User, VerificationCode
from kit.phone import mask
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.consent.enums import ActingRole, Channel
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents, record_consents
from privacy.inventory.masking import masked_value
from privacy.keystore.blind_index import SWITCH, blind_index
from privacy.keystore.mac import mac
from privacy.keystore.services import Erased, Frozen
from privacy.rights.enums import Bar
from privacy.rights.exceptions import UseBarred
from privacy.rights.wording import BARRED


def find_guardian(*, phone: str) -> User | None:
    """The guardian whom ``phone`` (E.164) is bound to, or None."""
    binding = (
        PhoneBinding.objects.live()
        .of_number(phone)
        .filter(user__kind=UserKind.GUARDIAN)
        .select_related("user")
        .first()
    )
    return binding.user if binding else None


def guardian_of(user_id: UUID | str) -> User | None:
    """The guardian of that id, suspended or not, or None."""
    return User.objects.filter(pk=user_id, kind=UserKind.GUARDIAN).first()


def refuse_suspended(guardian: User) -> None:
    """Raise UseBarred for somebody suspended: a code still lets them in, to their own information alone."""
    if not guardian.is_active:
        raise UseBarred(Bar.SUSPENDED, BARRED[Bar.SUSPENDED])


def phone_of(user_id: UUID) -> str | None:
    """The number bound to a user now (E.164), or None."""
    binding = PhoneBinding.objects.live().filter(user_id=user_id).first()
    return binding.phone if binding else None


def masked_phone_of(user_id: UUID) -> str:
    """The number bound to a user now as pages show it, or nothing, also where its use is restricted."""
    try:
        phone = phone_of(user_id)
    except (Erased, Frozen):
        return ""
    return mask(phone) if phone else ""


def masked_phones_of(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same for the people of a list: one query, and one of the key store."""
    bindings = PhoneBinding.objects.live().filter(user_id__in=set(user_ids))
    return {binding.user_id: masked_value(binding, "phone") for binding in bindings}


def enter(*, proof: VerificationCode, agreements: Mapping[str, str], channel: Channel) -> User:
    """The guardian behind a proved number, made now if there is none; agreements recorded either way.

    Runs inside the caller's transaction, one caller a number at a time. ``agreements`` maps each
    document to the version shown. Raises AgreementsRequired and DocumentStale; then nobody is made.
    """
    phone = proof.phone
    one_at_a_time(phone=phone)
    user = find_guardian(phone=phone)
    if user is None:
        user = register(phone=phone, channel=channel)
    else:
        touch_binding(user=user)
    agree(user=user, agreements=agreements, channel=channel)
    return user


@transaction.atomic
def register(*, phone: str, channel: Channel) -> User:
    """Make the guardian of ``phone`` (E.164), which nobody has. Proof and agreements are the caller's."""
    user = User.objects.create(kind=UserKind.GUARDIAN)
    PhoneBinding.objects.create(
        user=user,
        phone=phone,
        phone_index=blind_index("binding.phone", phone),
        proved_at=timezone.now(),
    )
    record("guardian.registered", by=guardian_actor(user), subject=user.pk, detail={"channel": channel})
    return user


@transaction.atomic
def log_in(*, proof: VerificationCode, agreements: Mapping[str, str] | None, channel: Channel) -> User:
    """The guardian behind a proved number. Without an account one is made, if ``agreements`` are given.

    Raises AgreementsRequired when there is no account and none were given, and DocumentStale.
    """
    one_at_a_time(phone=proof.phone)
    user = find_guardian(phone=proof.phone)
    if user is None:
        return enter(proof=proof, agreements=agreements or {}, channel=channel)
    touch_binding(user=user)
    return user


def agree(*, user: User, agreements: Mapping[str, str], channel: Channel) -> None:
    """Record what ``user`` agreed to, one record a document, in the caller's transaction.

    What they agreed to before, in the version in force, stands and need not be among ``agreements``.
    """
    missing = set(REQUIRED_TO_BOOK) - set(agreements)
    required = missing - agreed_documents(subject=user.pk) if missing else missing
    record_consents(
        subject=user.pk,
        agreements=agreements,
        channel=channel,
        acting_role=ActingRole.GUARDIAN_OR_AUTHORISED,
        by=guardian_actor(user),
        required=required,
    )


def touch_binding(*, user: User) -> None:
    """Note that the user's number has just been proved again."""
    PhoneBinding.objects.live().filter(user=user).update(proved_at=timezone.now())


def guardian_actor(user: User) -> Actor:
    """``user`` as the doer in audit records."""
    return Actor(kind="staff" if user.kind == UserKind.STAFF else "guardian", id=user.pk)


def one_at_a_time(*, phone: str) -> None:
    """Make callers with the same number (E.164) queue until the transaction ends.

    The unique constraint is the guard; this queue spares parallel posts its error.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("entering belongs inside the transaction of what the guardian came for")
    # By a digest whose key is not rotated, and beside whoever gives blind indexes another key.
    number = mac("one account a number", phone).hex()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)),"
            " pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [SWITCH, number],
        )


@transaction.atomic
def note_login(*, user: User, by_code: bool) -> None:
    """Record that ``user`` came in."""
    record("user.logged_in", by=guardian_actor(user), subject=user.pk, detail={"by_code": by_code})


@transaction.atomic
def note_logout(*, user: User) -> None:
    """Record that ``user`` left."""
    record("user.logged_out", by=guardian_actor(user), subject=user.pk)

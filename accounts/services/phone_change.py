"""Another number for an account: proved by a code to it, and by the old one or by staff."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import CodePurpose, ReleaseReason, UserKind
from accounts.models import PhoneBinding, User, VerificationCode
from accounts.services.codes import PROOF_LIFETIME
from accounts.services.guardians import one_at_a_time
from kit.constraints import broken
from kit.phone import mask
from privacy import ports
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.consent.operator import operator
from privacy.keystore.blind_index import blind_index
from privacy.keystore.services import restricted_allowed
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.correcting import NUMBER, note_number_changed, record_correction

FORMER = "former"  # the kind of recipient that a binding no longer in force is


class NumberTaken(Exception):
    """Another account has the number."""


class NotProved(Exception):
    """Neither the old number nor staff have shown whose account it is, or the new one is not proved."""


@transaction.atomic
def change_phone(
    *,
    user: User,
    new: VerificationCode,
    old: VerificationCode | None = None,
    by: Actor,
    request: DataSubjectRequest | None = None,
    evidence: str = "",
) -> PhoneBinding:
    """Bind the number that ``new`` (purpose change_phone) proved, instead of the one there was.

    ``old`` is a proof of the number that goes, given within ten minutes for any other purpose; without one
    ``by`` is staff, and ``evidence`` says what they looked at. Both numbers are told, what waits to be sent
    goes to the new one, and every session ends: a page keeps its own by `accounts.browser.stay_signed_in`.
    With ``request`` the correction stands in it, and it is answered. The number bound already changes
    nothing. Raises NumberTaken and NotProved; then nothing has changed.
    """
    if user.kind != UserKind.GUARDIAN or not _fresh(new) or new.purpose != CodePurpose.CHANGE_PHONE:
        raise NotProved
    with restricted_allowed({user.pk}):  # who restricted the use of their data may still correct it
        binding = _held_binding(user, new.phone)
        before, after = binding.phone, new.phone
        if before == after:
            return binding
        _check_whose(before, old, by, evidence)
        bound = _bind(binding, after)
        _tell(binding, bound)
    _note(user, bound, by, old is None)
    if request is not None:
        words = evidence or ("两个号码都用验证码证明过" if old else "")
        record_correction(
            request=request, field=NUMBER, before=mask(before), after=mask(after), evidence=words, by=by
        )
        note_number_changed(request=request)
    ports.get("sessions").end_all(user.pk)
    return bound


def _fresh(proof: VerificationCode) -> bool:
    return proof.consumed_at is not None and proof.consumed_at > timezone.now() - PROOF_LIFETIME


def _held_binding(user: User, number: str) -> PhoneBinding:
    """The user's binding; user and number are held until the transaction ends, in the order of booking."""
    one_at_a_time(phone=number)
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    binding = PhoneBinding.objects.live().select_for_update().filter(user=user).first()
    if binding is None:
        raise NotProved
    return binding


def _check_whose(number: str, old: VerificationCode | None, by: Actor, evidence: str) -> None:
    if old is None:
        if by.kind != "staff" or not evidence.strip():
            raise NotProved
        return
    if old.purpose == CodePurpose.CHANGE_PHONE or not _fresh(old) or old.phone != number:
        raise NotProved


def _bind(former: PhoneBinding, number: str) -> PhoneBinding:
    now, index = timezone.now(), blind_index("binding.phone", number)
    if PhoneBinding.objects.live().of_number(number).exists():
        raise NumberTaken
    former.released_at, former.release_reason = now, ReleaseReason.CHANGED
    former.save(update_fields=["released_at", "release_reason"])
    try:
        with transaction.atomic():
            return PhoneBinding.objects.create(
                user_id=former.user_id, phone=number, phone_index=index, proved_at=now
            )
    except IntegrityError as error:
        if broken(error) != "one_account_a_number":
            raise
        raise NumberTaken from error


def _tell(former: PhoneBinding, bound: PhoneBinding) -> None:
    """Both numbers, by messages that leave at night too: who did not do this has to hear of it at once."""
    whose, said = former.user_id, {"phone": operator().privacy_phone}
    notify = ports.get("notifier").notify
    notify(template="phone_released", kind=FORMER, id=former.pk, subject=whose, parameters=said)
    notify(template="phone_changed", kind="guardian", id=whose, subject=whose, parameters=said)


def _note(user: User, bound: PhoneBinding, by: Actor, by_papers: bool) -> None:
    record("phone.changed", by=by, subject=user.pk, target=bound, detail={"by_papers": by_papers})

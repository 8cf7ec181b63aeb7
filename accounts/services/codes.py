"""Codes: asked for within limits, sent through the outbox, tried five times, used once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import CodePurpose
from accounts.exceptions import CodeExhausted, CodeInvalid, SmsUnavailable
from accounts.models import VerificationCode
from kit.client_address import address_blocks
from kit.limiter import Limit, LimiterUnavailable, check, take
from kit.security_log import note
from messaging.recipients import Recipient
from messaging.services import forget_messages, purge_messages, queue_message
from privacy.actors import ANONYMOUS
from privacy.audit.services import record
from privacy.keystore.blind_index import blind_index, blind_indexes
from privacy.keystore.mac import mac
from privacy.keystore.services import UNPROVED_LIFETIME, destroy_unproved_before, unproved_subject

LIFETIME = timedelta(minutes=5)
HARD_LIFETIME = timedelta(minutes=10)  # ASVS 6.5.5, NIST SP 800-63B-4
RESEND_AFTER = timedelta(seconds=60)
PROOF_LIFETIME = timedelta(minutes=10)
TRIES = 5
_HOUR, _DAY = 3600, 24 * 3600


@dataclass(frozen=True)
class SentCode:
    """What a browser is told after asking for a code; the same for known and unknown numbers."""

    challenge: str
    expires_in: int
    """Seconds until the code dies."""
    resend_in: int
    """Seconds until another may be asked for."""


def browser_binding(nonce: str) -> str:
    """How a code remembers the browser it was sent for, without holding the browser's own nonce."""
    return mac("browser", nonce).hex()


def send_code(*, phone: str, purpose: CodePurpose, browser: str, address: str) -> SentCode:
    """Send a code to ``phone`` (E.164), or the same one again while it lives.

    A second sending within the code's life repeats the code and resets no tries: messages arrive late
    and out of order. Nobody is looked up, so known and unknown numbers cost the same work.

    Raises LimitReached (a limit per number or address is full) and SmsUnavailable (the limits cannot be
    counted, so nothing is sent: an uncounted sending would be an unlimited one).
    """
    index = blind_index("code.phone", phone)
    try:
        take(_send_limits(index, address))
    except LimiterUnavailable as error:
        raise SmsUnavailable from error
    at = timezone.now()
    with transaction.atomic():
        row = _open_code(index, purpose, browser, at)
        row = _extend(row, at) if row else _new_code(phone, index, purpose, browser, at)
        queue_message(
            template="code",
            recipient=Recipient("code", row.pk, subject=row.subject_id),
            parameters={"code": row.code or ""},
            purpose="verification",
        )
        record("code.sent", by=ANONYMOUS, target=row, detail={"purpose": purpose.value})
    return describe(row, at=at, resend_in=int(RESEND_AFTER.total_seconds()))


def check_sending(*, phone: str, address: str) -> None:
    """Raise what `send_code` would for its limits now, and take nothing from them."""
    try:
        check(_send_limits(blind_index("code.phone", phone), address))
    except LimiterUnavailable as error:
        raise SmsUnavailable from error


def describe(row: VerificationCode, *, at: datetime, resend_in: int) -> SentCode:
    """The row as its browser may see it."""
    return SentCode(row.challenge, max(0, int((row.expires_at - at).total_seconds())), resend_in)


def _send_limits(phone_index: str, address: str) -> list[Limit]:
    host, net = address_blocks(address)
    return [
        Limit(scope="send:number", key=phone_index, count=1, seconds=60),
        Limit(scope="send:number", key=phone_index, count=4, seconds=_HOUR),
        Limit(scope="send:number", key=phone_index, count=8, seconds=_DAY),
        Limit(scope="send:address", key=host, count=60, seconds=_HOUR),
        Limit(scope="send:network", key=net, count=600, seconds=_HOUR),
    ]


def _open_code(index: str, purpose: str, browser: str, at: datetime) -> VerificationCode | None:
    rows = VerificationCode.objects.open_at(at).asked_by(browser_binding(browser))
    # Only a code that can be given its full life again: page and message both promise five minutes.
    return rows.filter(phone_index=index, purpose=purpose, hard_expires_at__gte=at + LIFETIME).last()


def _extend(row: VerificationCode, at: datetime) -> VerificationCode:
    row.expires_at = min(at + LIFETIME, row.hard_expires_at)
    row.sends += 1
    row.save(update_fields=["expires_at", "sends"])
    return row


def _new_code(phone: str, index: str, purpose: str, browser: str, at: datetime) -> VerificationCode:
    code = f"{secrets.randbelow(10**6):06d}"
    row = VerificationCode(
        subject_id=unproved_subject(at),
        phone=phone,
        phone_index=index,
        code=code,
        purpose=purpose,
        binding=browser_binding(browser),
        expires_at=at + LIFETIME,
        hard_expires_at=at + HARD_LIFETIME,
    )
    row.code_mac = _code_mac(row, code)
    row.save()
    return row


def _code_mac(row: VerificationCode, code: str) -> bytes:
    return mac("code", str(row.pk), row.phone_index or "", row.purpose, row.binding, code)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One try of a code: what was typed, for what, and where."""

    challenge: str
    code: str
    purpose: CodePurpose
    browser: str
    phone: str | None = None
    """The number (E.164) typed beside the code, where a form shows both."""


def verify_code(tried: Try, *, address: str) -> VerificationCode:
    """Try a code; its row comes back used up, proof that the number was held.

    The try is counted before the comparison and outside any transaction, so that neither parallel
    guesses nor a later rollback gives one back. Number, purpose and browser are inside the compared
    value: a code of another is simply wrong.

    Raises CodeInvalid for every kind of failure but the last wrong try, which raises CodeExhausted, and
    LimitReached after too many wrong tries from one address.
    """
    if connection.in_atomic_block:
        raise RuntimeError("verify_code must run outside a transaction: a rollback would refund the try")
    at = timezone.now()
    _check_wrong_tries(address)
    claimed = VerificationCode.objects.claim_attempt(challenge=tried.challenge, at=at)
    row = VerificationCode.objects.filter(challenge=tried.challenge).first()
    right = _matches(row, tried)
    if row is not None and claimed and right and VerificationCode.objects.consume(pk=row.pk, at=at):
        row.consumed_at = at
        return row
    if row is None or not right:
        note("code_wrong")
        _count_wrong_try(address)
    ours = row is not None and row.binding == browser_binding(tried.browser)
    if row is not None and ours and row.consumed_at is None and row.attempts >= TRIES:
        raise CodeExhausted
    raise CodeInvalid


def _matches(row: VerificationCode | None, tried: Try) -> bool:
    # An unknown challenge costs the same comparison as a known one.
    row = row or VerificationCode(code_mac=hashlib.sha256(b"nobody").digest(), phone_index="")
    index = row.phone_index
    if tried.phone is not None and index not in (asked := blind_indexes("code.phone", tried.phone)):
        index = asked[0]
    binding = browser_binding(tried.browser)
    expected = mac("code", str(row.pk), index or "", tried.purpose, binding, tried.code)
    return hmac.compare_digest(bytes(row.code_mac), expected)


def recently_proved(tried: Try) -> VerificationCode | None:
    """The used-up code that this browser proved within the last ten minutes with this very try, or None.

    It lets a repeated post of the same right code be answered with the booking it made.
    """
    since = timezone.now() - PROOF_LIFETIME
    row = VerificationCode.objects.filter(challenge=tried.challenge, consumed_at__gt=since).first()
    return row if row and _matches(row, tried) else None


def open_code(*, challenge: str, browser: str) -> VerificationCode | None:
    """The code named ``challenge`` that this browser may still try, or None."""
    rows = VerificationCode.objects.open_at(timezone.now()).asked_by(browser_binding(browser))
    return rows.filter(challenge=challenge).first()


def latest_open_code(*, browser: str, purpose: CodePurpose) -> VerificationCode | None:
    """The newest code this browser asked for and may still try, or None."""
    if not browser:
        return None
    rows = VerificationCode.objects.open_at(timezone.now()).asked_by(browser_binding(browser))
    return rows.filter(purpose=purpose).order_by("created_at").last()


def proof(*, code_id: str, browser: str) -> VerificationCode | None:
    """The proof named ``code_id``, if this browser gave it within the last ten minutes."""
    rows = VerificationCode.objects.asked_by(browser_binding(browser))
    return rows.filter(pk=code_id, consumed_at__gt=timezone.now() - PROOF_LIFETIME).first()


def _wrong_tries(address: str) -> list[Limit]:
    # As many as an hour's codes for one address have tries: a school's whole network shares one address.
    return [Limit(scope="wrong:address", key=address_blocks(address)[0], count=300, seconds=900)]


def _check_wrong_tries(address: str) -> None:
    # Without Redis the five tries a code, which PostgreSQL counts, still hold, and no new codes are sent.
    try:
        check(_wrong_tries(address))
    except LimiterUnavailable:
        return


def _count_wrong_try(address: str) -> None:
    try:
        take(_wrong_tries(address))
    except LimiterUnavailable:
        return


@transaction.atomic
def forget_codes(*, browser: str) -> int:
    """Delete every code this browser asked for, with its number and its messages."""
    rows = list(VerificationCode.objects.asked_by(browser_binding(browser)).values_list("pk", flat=True))
    forget_messages(kind="code", ids=rows)
    VerificationCode.objects.filter(pk__in=rows).delete()
    if rows:
        record("code.forgotten", by=ANONYMOUS, detail={"codes": len(rows)})
    return len(rows)


@transaction.atomic
def forget_codes_to(*, phone: str) -> int:
    """Delete every code a number (E.164) was sent, with its messages, whoever asked for it."""
    asked = VerificationCode.objects.filter(phone_index__in=blind_indexes("code.phone", phone))
    rows = list(asked.values_list("pk", flat=True))
    forget_messages(kind="code", ids=rows)
    VerificationCode.objects.filter(pk__in=rows).delete()
    return len(rows)


def purge_codes(*, at: datetime) -> int:
    """Delete codes, their messages and the keys of unproved numbers within 24 hours of the typing.

    An hour before the promise runs out, so that a run that comes late still keeps it.
    """
    before = at - UNPROVED_LIFETIME
    destroy_unproved_before(before)
    purge_messages(kind="code", before=before)
    deleted, _ = VerificationCode.objects.filter(created_at__lt=before).delete()
    return deleted

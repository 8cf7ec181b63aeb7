"""Codes: uniform, short-lived, tried five times, used once, bound to number, purpose and browser."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connections, transaction
from django.utils import timezone

from accounts.enums import CodePurpose
from accounts.exceptions import CodeExhausted, CodeInvalid, SmsUnavailable
from accounts.models import VerificationCode
from accounts.services.codes import Try, purge_codes, send_code, verify_code
from kit.limiter import LimitReached
from messaging.models import Message
from privacy.keystore.exceptions import Erased
from tests.people import last_code, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.99"


def ask(
    phone: str, *, browser: str = "browser-1", purpose: CodePurpose = CodePurpose.BOOKING, address: str = HERE
) -> str:
    return send_code(phone=f"+86{phone}", purpose=purpose, browser=browser, address=address).challenge


def attempt(
    challenge: str,
    code: str,
    *,
    browser: str = "browser-1",
    purpose: CodePurpose = CodePurpose.BOOKING,
    phone: str | None = None,
) -> VerificationCode:
    tried = Try(challenge=challenge, code=code, purpose=purpose, browser=browser, phone=phone)
    return verify_code(tried, address=HERE)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_right_code_proves_the_number_once() -> None:
    phone = new_phone()
    challenge = ask(phone)
    code = last_code(phone)

    row = attempt(challenge, code)

    assert row.phone == f"+86{phone}"
    with pytest.raises(CodeInvalid):
        attempt(challenge, code)


@pytest.mark.parametrize(
    ("browser", "purpose", "phone"),
    [
        ("browser-2", CodePurpose.BOOKING, None),
        ("browser-1", CodePurpose.LOGIN, None),
        ("browser-1", CodePurpose.BOOKING, "+8613900139000"),
    ],
    ids=["another browser", "another purpose", "another number"],
)
def test_code_opens_nothing_but_what_it_was_asked_for(
    browser: str, purpose: CodePurpose, phone: str | None
) -> None:
    number = new_phone()
    challenge = ask(number)
    code = last_code(number)

    with pytest.raises(CodeInvalid):
        attempt(challenge, code, browser=browser, purpose=purpose, phone=phone)

    assert attempt(challenge, code).phone == f"+86{number}"


def test_sixth_try_fails_even_with_the_right_code() -> None:
    phone = new_phone()
    challenge = ask(phone)
    code = last_code(phone)
    for _ in range(4):
        with pytest.raises(CodeInvalid) as refused:
            attempt(challenge, wrong(code))
        assert refused.type is CodeInvalid
    with pytest.raises(CodeExhausted):
        attempt(challenge, wrong(code))

    with pytest.raises(CodeExhausted):
        attempt(challenge, code)


def test_sixty_parallel_wrong_guesses_count_five() -> None:
    phone = new_phone()
    challenge = ask(phone)
    code = last_code(phone)
    outcomes: list[str] = []

    def guess(offset: int) -> None:
        try:
            attempt(challenge, f"{(int(code) + 1 + offset) % 10**6:06d}")
            outcomes.append("opened")
        except CodeInvalid as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 60
    assert "opened" not in outcomes
    assert VerificationCode.objects.get(challenge=challenge).attempts == 5
    forget_limits()
    with pytest.raises(CodeExhausted):
        attempt(challenge, code)


def test_twenty_parallel_right_tries_open_once() -> None:
    phone = new_phone()
    challenge = ask(phone)
    code = last_code(phone)
    outcomes: list[bool] = []

    def enter() -> None:
        try:
            attempt(challenge, code)
            outcomes.append(True)
        except CodeInvalid:
            outcomes.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False] * 19 + [True]


def test_try_inside_a_transaction_is_refused_so_that_no_rollback_refunds_it() -> None:
    challenge = ask(new_phone())

    with pytest.raises(RuntimeError), transaction.atomic():
        attempt(challenge, "000000")

    assert VerificationCode.objects.get(challenge=challenge).attempts == 0


def test_code_dies_after_five_minutes() -> None:
    phone = new_phone()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        challenge = ask(phone)
        code = last_code(phone)
        clock.shift(timedelta(seconds=300))

        with pytest.raises(CodeInvalid):
            attempt(challenge, code)


def test_second_sending_repeats_the_code_and_refunds_no_tries() -> None:
    phone = new_phone()
    challenge = ask(phone)
    code = last_code(phone)
    with pytest.raises(CodeInvalid):
        attempt(challenge, wrong(code))
    forget_limits()

    again = ask(phone)

    assert again == challenge
    assert last_code(phone) == code
    assert VerificationCode.objects.get(challenge=challenge).attempts == 1


def test_resending_never_stretches_a_code_beyond_ten_minutes() -> None:
    phone = new_phone()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = timezone.now()
        challenge = ask(phone)
        for _ in range(3):
            clock.shift(timedelta(minutes=4))
            forget_limits()
            ask(phone)

        row = VerificationCode.objects.get(challenge=challenge)
        assert row.expires_at <= first + timedelta(minutes=10)


def test_one_number_gets_one_code_a_minute_whatever_browser_and_address() -> None:
    phone = new_phone()
    ask(phone)

    with pytest.raises(LimitReached) as refused:
        ask(phone, browser="browser-2", address=ELSEWHERE)

    assert 0 < refused.value.retry_after <= 60


def test_one_address_gets_sixty_codes_an_hour_whatever_the_numbers() -> None:
    for _ in range(60):
        ask(new_phone())

    with pytest.raises(LimitReached):
        ask(new_phone())
    ask(new_phone(), address="198.51.100.1")


def test_refused_sending_writes_nothing() -> None:
    phone = new_phone()
    ask(phone)
    rows, messages = VerificationCode.objects.count(), Message.objects.count()

    with pytest.raises(LimitReached):
        ask(phone)

    assert (VerificationCode.objects.count(), Message.objects.count()) == (rows, messages)


def test_without_redis_nothing_is_sent(settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with pytest.raises(SmsUnavailable):
        ask(new_phone())

    assert not VerificationCode.objects.exists()


def test_number_nobody_proved_is_gone_within_a_day_and_old_copies_are_unreadable() -> None:
    phone = new_phone()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        challenge = ask(phone)
        last_code(phone)
        copy = VerificationCode.objects.get(challenge=challenge)
        assert copy.phone == f"+86{phone}"
        clock.shift(timedelta(hours=22))
        purge_codes(at=timezone.now())
        assert VerificationCode.objects.filter(challenge=challenge).exists()

        clock.shift(timedelta(hours=2))
        purge_codes(at=timezone.now())

        assert not VerificationCode.objects.filter(challenge=challenge).exists()
        assert not Message.objects.filter(recipient_id=copy.pk).exists()
        with pytest.raises(Erased):
            _ = copy.phone


@pytest.mark.clause("L-PP-4.1-3b")
@pytest.mark.parametrize("proved", [False, True])
@pytest.mark.parametrize("minute", [0, 29, 59])
def test_row_and_messages_are_gone_within_a_day_of_typing(proved: bool, minute: int) -> None:
    phone = new_phone()
    typed = timezone.now().replace(minute=minute, second=30)
    with time_machine.travel(typed, tick=False) as clock:
        challenge = ask(phone)
        code = last_code(phone)
        if proved:
            attempt(challenge, code)
        clock.shift(timedelta(hours=22))
        purge_codes(at=timezone.now())
        assert VerificationCode.objects.filter(challenge=challenge).exists()

        clock.move_to(typed + timedelta(hours=24) - timedelta(minutes=1))  # the beat asks every minute
        purge_codes(at=timezone.now())

    assert not VerificationCode.objects.exists()
    assert not Message.objects.exists()


def test_stored_row_holds_neither_number_nor_code_in_clear() -> None:
    phone = new_phone()
    challenge = ask(phone)
    code = last_code(phone)

    stored = VerificationCode.objects.filter(challenge=challenge).values().get()

    assert phone not in repr(stored)
    assert code not in repr(stored)


def forget_limits() -> None:
    """Let the next sending through, as if its minute had passed."""
    import redis
    from django.conf import settings

    redis.Redis.from_url(settings.REDIS_URL).flushdb()

"""The demo inbox shows what was sent, whatever has become of its keys since."""

import pytest
from django.test import Client

from accounts.models import User, VerificationCode
from privacy.keystore.services import destroy_keys, freeze_keys
from tests.people import ask_code, book, new_phone, texts_to

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.mark.parametrize("lose", [destroy_keys, freeze_keys])
def test_inbox_answers_after_keys_were_lost(client: Client, lose) -> None:
    known, unproved = new_phone(), new_phone()
    book(client, known)
    ask_code(Client(), unproved)
    texts_to(known)
    for subject in (
        User.objects.get().pk,
        *set(VerificationCode.objects.values_list("subject_id", flat=True)),
    ):
        lose(subject)

    page = client.get("/dev/sms/")
    rows = {phone: client.get("/dev/sms.json", {"phone": phone}) for phone in (known, unproved)}

    assert page.status_code == 200
    assert {answer.status_code for answer in rows.values()} == {200}
    assert [len(answer.json()) for answer in rows.values()] == [2, 1]
    assert {row["code"] for answer in rows.values() for row in answer.json()} == {None}
    assert "您的验证码" not in page.content.decode()


def test_control_before_the_keys_are_lost_the_code_is_there(client: Client) -> None:
    phone = new_phone()
    ask_code(client, phone)
    texts_to(phone)

    (row,) = client.get("/dev/sms.json", {"phone": phone}).json()

    assert f"{row['code']} 是您的验证码" in row["text"]
    assert row["text"] in client.get("/dev/sms/").content.decode()

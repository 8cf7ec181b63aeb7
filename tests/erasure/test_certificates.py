"""Certificates: proved offline by whoever has our public key, and by nothing that lies in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.erasure.exceptions import CertificateInvalid, ErasureUnknown
from privacy.erasure.models import ErasureCertificate, ErasureJob
from privacy.erasure.services import running
from privacy.erasure.services.certifying import file_of, read_file, render
from privacy.erasure.services.progress import certificate_of, progress_of
from privacy.keystore.services import key_scope
from privacy.keystore.signing import public_key_pem
from tests.erasure.erasing import asks_to_close, begun, erased
from tests.families import a_guardian

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


@pytest.fixture(autouse=True)
def one_task() -> Iterator[None]:
    with key_scope():
        yield


@pytest.fixture
def certificate() -> ErasureCertificate:
    return ErasureCertificate.objects.get(job=erased(a_guardian()))


def test_it_says_what_went_when_and_what_stays(certificate: ErasureCertificate) -> None:
    told = render(certificate)

    assert told["holds"]
    assert told["unreadable_at"] < told["final_by"]
    assert told["final_at"] is None
    assert {line["title"] for line in told["deleted"]}
    assert all(line["source"] and line["until"] for line in told["kept"])
    assert [step["name"] for step in told["steps"]][-1] == "certify"
    assert told["aliases"][0]["alias"] == str(certificate.job.subject_id)


def test_it_proves_itself_offline(certificate: ErasureCertificate, tmp_path: Path) -> None:
    file, key = tmp_path / "c.json", tmp_path / "key.pem"
    file.write_bytes(file_of(certificate))
    key.write_bytes(public_key_pem())
    out = StringIO()
    call_command("verify_certificate", str(file), stdout=out)
    call_command("verify_certificate", str(file), key=str(key), stdout=out)
    assert out.getvalue().count("valid: certificate") == 2


def test_every_altered_byte_of_what_was_signed_is_noticed(certificate: ErasureCertificate) -> None:
    said = json.loads(file_of(certificate))
    body = said["body"].encode()
    for at in range(0, len(body), 7):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        forged = {**said, "body": changed.decode(errors="replace")}
        with pytest.raises(CertificateInvalid):
            read_file(json.dumps(forged).encode())


def test_another_key_in_the_file_proves_nothing(certificate: ErasureCertificate, tmp_path: Path) -> None:
    own = Ed25519PrivateKey.generate()
    pem = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = json.loads(file_of(certificate))
    said |= {"public_key": pem.decode(), "signature": _base64(own.sign(said["body"].encode()))}
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(said))
    with pytest.raises(CommandError, match="not valid"):
        call_command("verify_certificate", str(file))


@pytest.mark.parametrize("file", [b"", b"{}", b"[]", b'{"body": 1}', b"\xff\xfe"])
def test_what_is_no_certificate_is_not_valid(file: bytes) -> None:
    with pytest.raises(CertificateInvalid):
        read_file(file)


def test_once_the_last_key_of_keys_is_gone_it_is_certified_final(
    certificate: ErasureCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running.finish() == 0, "the keys of keys still stand"
    at = timezone.now()
    monkeypatch.setattr(running, "epochs_final", lambda unreadable_at: at)

    assert running.finish() == 1
    assert running.finish() == 0

    request = certificate.job.request
    assert request is not None
    newest = certificate_of(request=request)
    assert newest is not None
    assert newest.version == certificate.version + 1
    assert render(newest)["final_at"]


def test_progress_is_of_the_request_and_known_from_the_first_moment() -> None:
    guardian = a_guardian()
    with pytest.raises(ErasureUnknown):
        progress_of(request=asks_to_close(guardian))
    job = begun(guardian)
    assert job.request is not None
    first = progress_of(request=job.request)
    assert 0 < first.percent < 100
    assert certificate_of(request=job.request) is None
    assert running.run(job_id=job.pk)
    last = progress_of(request=job.request)
    assert last.percent == 100
    assert all(step.done for step in last.steps)


def test_the_command_erases_by_number_and_says_first_what_it_would_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guardian = a_guardian("13800008888")
    out = StringIO()
    monkeypatch.setattr("sys.stdin", StringIO("138 0000 8888\n"))
    call_command("erase_subject", dry_run=True, stdout=out)
    assert not ErasureJob.objects.exists()
    assert "digest" in out.getvalue()
    call_command("erase_subject", subject=guardian.pk, stdout=out)
    assert "unreadable since" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("erase_subject", subject=uuid7(), stdout=out)


def _base64(signature: bytes) -> Any:
    import base64

    return base64.b64encode(signature).decode()

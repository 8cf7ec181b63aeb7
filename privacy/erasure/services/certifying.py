"""The certificate: what was deleted and when, what remains and why, signed for anybody to prove."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone

from privacy.consent.operator import operator
from privacy.erasure.enums import Reason, Scope, StepState
from privacy.erasure.exceptions import CertificateInvalid
from privacy.erasure.models import ErasureCertificate, ErasureJob, ErasureRest, ErasureStep
from privacy.erasure.wording import STEP_TITLES
from privacy.keystore.exceptions import Tampered
from privacy.keystore.signing import key_fingerprint, public_key_pem, sign, verify

FORMAT = "leap-erasure-certificate/1"
# Promises and laws that a certificate is the proof of.
CLAUSES = (
    "个人信息保护法第四十七条",
    "儿童个人信息网络保护规定第二十条",
    "GB/T 35273-2020 8.3、8.5",
    "隐私政策：删除与注销",
)


def issue(job: ErasureJob) -> ErasureCertificate:
    """Sign how the erasure stands now, as the next version; in the caller's transaction."""
    version = (job.certificates.aggregate(last=Max("version"))["last"] or 0) + 1
    body = canonical(_said(job, version))
    signature = base64.b64encode(sign(body.encode())).decode()
    return ErasureCertificate.objects.create(job=job, version=version, body=body, signature=signature)


def canonical(said: Mapping[str, Any]) -> str:
    """The one spelling that is signed: sorted names, no spaces, text as it reads."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def file_of(certificate: ErasureCertificate) -> bytes:
    """The certificate as a file that `verify_certificate` takes, with the public key beside it."""
    said = {
        "format": FORMAT,
        "body": certificate.body,
        "signature": certificate.signature,
        "algorithm": "Ed25519",
        "public_key": public_key_pem().decode(),
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def read_file(file: bytes, *, public_pem: bytes | None = None) -> dict[str, Any]:
    """What a certificate's file says, once proved by our key or the one given. Asks no store.

    The key that lies in the file proves nothing and is not used. Raises CertificateInvalid.
    """
    try:
        said = json.loads(file)
        body, signature = said["body"], base64.b64decode(said["signature"], validate=True)
        if said["format"] != FORMAT or not isinstance(body, str):
            raise CertificateInvalid("format")
        verify(body.encode(), signature, public_pem=public_pem)
        told: dict[str, Any] = json.loads(body)
    except Tampered:
        raise CertificateInvalid("signature") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CertificateInvalid(error.args[0] if isinstance(error, CertificateInvalid) else "form") from None
    return told


def render(certificate: ErasureCertificate) -> dict[str, Any]:
    """For pages: what was signed, whether the signature holds, and the file's name."""
    told: dict[str, Any] = json.loads(certificate.body)
    try:
        verify(certificate.body.encode(), base64.b64decode(certificate.signature))
        holds = True
    except Tampered:
        holds = False
    name = f"erasure-{told['certificate'][:8]}-v{certificate.version}.json"
    return {**told, "holds": holds, "signature": certificate.signature, "file_name": name}


def _said(job: ErasureJob, version: int) -> dict[str, Any]:
    rests = list(job.rests.all())
    return {
        "format": FORMAT,
        "certificate": str(job.pk),
        "version": version,
        "issued_at": _moment(timezone.now()),
        "issued_by": operator().company,
        "key_sha256": key_fingerprint(),
        "request": job.request.reference if job.request else None,
        "scope": {"code": job.scope, "title": str(Scope(job.scope).label)},
        "reason": {"code": job.reason, "title": str(Reason(job.reason).label)},
        "plan_digest": job.digest,
        "begun_at": _moment(job.begun_at),
        "unreadable_at": _moment(job.unreadable_at),
        "final_by": _moment(job.final_by),
        "final_at": _moment(job.final_at),
        "aliases": [{"kind": one.kind, "alias": str(one.alias)} for one in job.subjects.order_by("pk")],
        "deleted": _deleted(job.plan, rests),
        "kept": [_rest(rest) for rest in rests],
        "steps": [_step(step) for step in job.steps.filter(state=StepState.DONE)],
        "recipients": [one.title for one in job.recipients.all()],
        "clauses": list(CLAUSES),
    }


def _rest(rest: ErasureRest) -> dict[str, Any]:
    until = rest.until.isoformat() if rest.until else None
    return {"title": rest.title, "count": rest.count, "why": rest.why, "source": rest.source, "until": until}


def _step(step: ErasureStep) -> dict[str, Any]:
    title = str(STEP_TITLES[step.name])
    return {"name": step.name, "title": title, "rows": step.rows, "done_at": _moment(step.done_at)}


def _deleted(plan: Sequence[Mapping[str, Any]], rests: Sequence[ErasureRest]) -> list[dict[str, Any]]:
    """What was planned to go, without what a hold placed since has kept after all."""
    kept: Counter[str] = Counter()
    for rest in rests:
        kept[rest.model] += rest.count
    for line in plan:
        kept[line["model"]] -= line["count"] if line["source"] else 0
    went = [(line, line["count"] - max(0, kept[line["model"]])) for line in plan if not line["source"]]
    return [
        {"title": line["title"], "count": count, "deed": line["deed"]} for line, count in went if count > 0
    ]


def _moment(at: Any) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None

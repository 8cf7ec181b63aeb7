"""A certificate of an erasure as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from privacy.erasure.models import ErasureCertificate
from privacy.erasure.services.certifying import render
from website.presenters.own_erasures import KeptLine, final_in_words, kept_lines, moment


@dataclass(frozen=True, kw_only=True)
class CertificatePage:
    """What was signed, in words, and what to prove it by."""

    told: Mapping[str, Any]
    issued: str
    begun: str
    unreadable: str
    final: str
    kept: list[KeptLine]
    deleted: int
    """How many rows went, of all kinds."""


def certificate_page(certificate: ErasureCertificate) -> CertificatePage:
    """The page of one version."""
    told = render(certificate)
    return CertificatePage(
        told=told,
        issued=moment(_read(told["issued_at"])),
        begun=moment(_read(told["begun_at"])),
        unreadable=moment(_read(told["unreadable_at"])),
        final=final_in_words(_read(told["final_by"]), _read(told["final_at"])),
        kept=kept_lines(
            (one["title"], one["count"], _day(one["until"]), one["source"]) for one in told["kept"]
        ),
        deleted=sum(line["count"] for line in told["deleted"]),
    )


def _read(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None


def _day(at: str | None) -> date | None:
    return date.fromisoformat(at) if at else None

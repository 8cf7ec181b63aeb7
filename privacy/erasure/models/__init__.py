"""Erasures and their proofs; all in `default`."""

from privacy.erasure.models.jobs import (
    LEASE_SECONDS,
    ErasureJob,
    ErasureRest,
    ErasureStep,
    ErasureSubject,
    RecipientNotice,
)
from privacy.erasure.models.proofs import ErasureCertificate, LedgerMark, ResidueRun, StepDone, Suppression

__all__ = [
    "LEASE_SECONDS",
    "ErasureCertificate",
    "ErasureJob",
    "ErasureRest",
    "ErasureStep",
    "ErasureSubject",
    "LedgerMark",
    "RecipientNotice",
    "ResidueRun",
    "StepDone",
    "Suppression",
]

"""Children and who looks after them: the tables of the database `minors`, into which no other points."""

from kit.public_id import new_public_id
from privacy.minors.models.children import Child, ChildCorrection, ChildQuerySet, Guardianship
from privacy.minors.models.invitations import LIFETIME, GuardianInvitation, GuardianInvitationQuerySet
from privacy.minors.models.marks import LedgerMark, StepDone

__all__ = [
    "LIFETIME",
    "Child",
    "ChildCorrection",
    "ChildQuerySet",
    "GuardianInvitation",
    "GuardianInvitationQuerySet",
    "Guardianship",
    "LedgerMark",
    "StepDone",
    "new_public_id",
]

"""The words a declaration is made of."""

from enum import Enum, IntEnum, StrEnum

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class Grade(IntEnum):
    """How much harm a field does in the wrong hands. What follows from it stands in `grades.py`."""

    ONE = 1  # a random identifier or a fact about nobody in particular
    TWO = 2  # about a person, ordinary
    THREE = 3  # sensitive: sealed, shown in part
    FOUR = 4  # a child's, or as grave: sealed, not shown without an approval


class Sensitive(StrEnum):
    """Kinds of information the policy calls sensitive (PIPL 28, and wider where the policy is)."""

    NUMBER = "number"
    IDENTITY = "identity"
    BIOMETRIC = "biometric"
    HEALTH = "health"
    BELIEF = "belief"
    ACCOUNT = "account"
    WHEREABOUTS = "whereabouts"
    TRANSACTION = "transaction"
    COMMUNICATION = "communication"
    CHILD = "child"
    FREE_TEXT = "free_text"  # people write anything anywhere


class Erase(Enum):
    """What an erasure does to a field, once its keep rule allows."""

    SHRED = "shred"  # the key goes, the unreadable bytes may stay until the row goes
    DELETE = "delete"  # the row goes
    NULL = "null"  # the column is emptied, the row stays
    KEEP = "keep"  # it says nothing about a person once the sealed fields are gone


class KeepReason(ClosedList):
    """Why something may be kept for a while: the policy's four reasons, and statutes (L-PP-4.1-3e)."""

    TRANSACTION = "transaction_and_complaint", _("完成服务、处理投诉所需")
    SAFETY = "safety_and_quality", _("保证服务的安全和质量")
    CONSENT = "consent_to_longer", _("您同意保存更久")
    AGREEMENT = "special_agreement", _("与您另有约定")
    STATUTE = "statute", _("法律规定")


class Klass(StrEnum):
    """Whose keys a sealed value hangs on: one key a subject and class, so that a class goes by itself."""

    CORE = "core"  # the account: goes when it is closed
    MESSAGE = "message"  # what was said to somebody: can go while the account stays
    MINOR = "minor"  # a child's
    RIGHTS = "rights"  # a request's: under a key of its own, kept when the account is closed
    EXPORT = "export"  # a package's: under a key of its own, which goes after days


class Shape(StrEnum):
    """What a value looks like, for masking."""

    TEXT = "text"
    DATE = "date"
    PHONE = "phone"
    INDEX = "index"


class Mask(StrEnum):
    """How much of a value people see without asking."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class Approval(StrEnum):
    """Who must agree before somebody who works here sees the value in clear."""

    NONE = "none"
    REASON = "reason"  # says why, and it is recorded
    OFFICER = "officer"  # the minors' information officer approves in writing


class Export(StrEnum):
    """What the person must do to take the value away."""

    SIGNED_IN = "signed_in"
    STEPPED_UP = "stepped_up"  # proves the number again

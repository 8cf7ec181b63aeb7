"""Users, the numbers bound to them, the codes that prove a number, the browsers they are signed in with."""

from accounts.models.codes import VerificationCode, VerificationCodeQuerySet, new_challenge
from accounts.models.people import PhoneBinding, PhoneBindingQuerySet, User, UserManager
from accounts.models.sessions import Session

__all__ = [
    "PhoneBinding",
    "PhoneBindingQuerySet",
    "Session",
    "User",
    "UserManager",
    "VerificationCode",
    "VerificationCodeQuerySet",
    "new_challenge",
]

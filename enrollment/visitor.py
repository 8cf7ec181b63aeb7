"""What this browser need not be asked again: its number, what was agreed to, the children on file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from accounts.browser import guardian_in, proof_in
from accounts.models import User
from accounts.services.children import children_of
from accounts.services.guardians import masked_phone_of
from kit.phone import mask
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents
from privacy.minors.services import ChildView


@dataclass
class Visitor:
    """Who holds the phone. ``guardian`` is signed in; ``phone`` is a proved number, masked, or empty."""

    guardian: User | None = None
    phone: str = ""
    asks_again: bool = False
    """The agreements are to be given anew, whatever stands."""

    @cached_property
    def agreed(self) -> bool:
        """Whether every agreement that booking needs stands, in the version in force."""
        if self.guardian is None or self.asks_again:
            return False
        return agreed_documents(subject=self.guardian.pk) >= set(REQUIRED_TO_BOOK)

    @cached_property
    def children(self) -> Sequence[ChildView]:
        """The children of a guardian who is signed in; a link shows none."""
        if self.guardian is None:
            return ()
        return children_of(guardian=self.guardian)


def visitor_in(request: HttpRequest) -> Visitor:
    """Signed in, or with a number proved in this browser just before, or nobody we know."""
    guardian = guardian_in(request)
    if guardian is not None:
        phone = masked_phone_of(guardian.pk)
        return Visitor(guardian=guardian, phone=phone) if phone else Visitor()
    row = proof_in(request)
    return Visitor(phone=mask(row.phone)) if row else Visitor()

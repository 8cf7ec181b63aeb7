"""What a guardian asks for: a seat, seats for siblings, or a call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from courses.models import Campus, City
from enrollment.enums import BookingChannel
from enrollment.models import ClassSession
from enrollment.models.booking_laws import MOST_IN_A_PARTY
from privacy.consent.enums import Channel
from privacy.consent.services import REQUIRED_TO_BOOK
from privacy.keystore.mac import mac

_CONSENTED_BY = {
    BookingChannel.WEB: Channel.WEB,
    BookingChannel.API: Channel.API,
    BookingChannel.STAFF: Channel.STAFF,
}


@dataclass(frozen=True, kw_only=True)
class ChildWish:
    """For which child: one already kept, by its subject id, or what was typed.

    It prints without what was typed, of which nothing is kept outside of the vault, digests included.
    """

    id: UUID | None = None
    nickname: str = field(default="", repr=False)
    birth_month: date | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """What a guardian asks for: a seat in ``session``, or, without one, a call from the city's campuses.

    ``agreements`` maps each document to the version shown.
    """

    city: City
    agreements: Mapping[str, str]
    channel: BookingChannel
    campus: Campus | None = None
    session: ClassSession | None = None
    child: ChildWish | None = None
    siblings: tuple[ChildWish, ...] = ()
    """Children who come to the same class with ``child``, a seat for each: all of them, or none."""
    refuses_children: bool = False
    """The children's notice was answered with no: nothing of a child is taken, the refusal is recorded."""
    source: str = ""
    """What the poster's address said it was."""
    key: str | None = None
    """The caller's name for this request; the same name with the same request is the same booking."""

    def __post_init__(self) -> None:
        if self.siblings and (self.child is None or self.session is None):
            raise ValueError("siblings come along with a child, to a class")
        if self.seats > MOST_IN_A_PARTY:
            raise ValueError(f"at most {MOST_IN_A_PARTY} children come together")

    @property
    def seats(self) -> int:
        """How many seats are asked for."""
        return 1 + len(self.siblings)

    @property
    def children(self) -> tuple[ChildWish, ...]:
        """All who are named, in the order of their places."""
        return (self.child, *self.siblings) if self.child else ()

    @property
    def consented_by(self) -> Channel:
        """The same way, as consents name it."""
        return _CONSENTED_BY[self.channel]

    @property
    def own_agreements(self) -> dict[str, str]:
        """What the guardian agreed to for themselves; the children's rules are agreed to for each child."""
        return {name: given for name, given in self.agreements.items() if name in REQUIRED_TO_BOOK}

    @property
    def digest(self) -> str:
        """Tells a repeat from another request. Of a child typed in it holds that it was, nothing else."""
        where = [self.city.slug, self.campus and self.campus.slug, self.session and self.session.public_id]
        children = [str(child.id) for child in self.children]
        body = json.dumps([where, children, self.refuses_children, sorted(self.agreements.items())])
        return hashlib.sha256(body.encode()).hexdigest()

    @property
    def key_hash(self) -> str | None:
        return mac("idempotency", self.key).hex() if self.key else None

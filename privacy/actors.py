"""Who acts: the answer that every service asks for as ``by=`` and every audit record keeps."""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

ActorKind = Literal["guardian", "staff", "system", "anonymous"]
ACTOR_KINDS: tuple[str, ...] = get_args(ActorKind)


@dataclass(frozen=True, slots=True)
class Actor:
    """A guardian or a member of staff by subject id, the software itself, or nobody we know yet."""

    kind: ActorKind
    id: UUID | None = None

    def __post_init__(self) -> None:
        if self.kind not in ACTOR_KINDS:
            raise ValueError("An actor is one of: " + ", ".join(ACTOR_KINDS) + ".")
        if (self.id is not None) != (self.kind in {"guardian", "staff"}):
            raise ValueError("Guardians and staff act under their subject id, nobody else has one.")


SYSTEM = Actor("system")
ANONYMOUS = Actor("anonymous")

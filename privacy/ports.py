"""What lower layers ask of higher ones, as typed ports; a higher app registers its answer in `ready()`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, overload, runtime_checkable
from uuid import UUID

from privacy.actors import Actor


@runtime_checkable
class AddressOf(Protocol):
    """Where a person can be reached at this moment."""

    def number_of(self, kind: str, id: UUID) -> str | None:  # noqa: A002  as the recipient names it
        """The number of a recipient as E.164, read now and not kept; None when there is none any more."""


@runtime_checkable
class StillWanted(Protocol):
    """Whether what a message tells about is still as it was when the message was written."""

    def still_wanted(self, template: str, about_id: UUID, about_at: datetime | None) -> bool:
        """Asked in the transaction in which the message leaves.

        The row meant is held until that ends: whatever changes it comes before this answer, or after the
        message.
        """


@runtime_checkable
class Notifier(Protocol):
    """Tells somebody by message that there is news of their request."""

    def notify(
        self,
        *,
        template: str,
        kind: str,
        id: UUID,  # noqa: A002  as the recipient names it
        subject: UUID,
        parameters: Mapping[str, str],
    ) -> None:
        """Queued in the caller's transaction; ``kind`` and ``id`` name a row that knows the number."""


@runtime_checkable
class ServiceOf(Protocol):
    """What we do for a person, and how it ends when they no longer want us to use their data."""

    def what_ends(self, subject: UUID) -> Sequence[str]:
        """One sentence for each thing that would end, as the person reads it."""

    def end_service(self, subject: UUID, by: Actor) -> None:
        """End it all in the caller's transaction: seats are free again, places in line given up."""

    def pause(self, subject: UUID, by: Actor) -> None:
        """Give up what would go on using their data: places in line, seats on offer. What is booked stands.

        In the caller's transaction, as `end_service`. Again changes nothing.
        """

    def hold(self, subject: UUID) -> None:
        """Nothing new is begun for them until the caller's transaction ends."""


@runtime_checkable
class Sessions(Protocol):
    """Where a person is signed in."""

    def end_all(self, subject: UUID) -> None:
        """Signed in nowhere any more, in the caller's transaction."""


@runtime_checkable
class AccountOf(Protocol):
    """An account on its way out. Each is called within a caller's transaction, and again does nothing."""

    def of_number(self, number: str) -> UUID | None:
        """Whose account a number (E.164) is; None where it is nobody's."""

    def numbers(self, subject: UUID) -> Sequence[str]:
        """Every number on file for them that still opens, as E.164: by these other stores know them."""

    def close(self, subject: UUID, by: Actor) -> None:
        """Nobody signs in to it any more: signed out everywhere, their sessions gone, the number free for
        whoever proves it next, its blind index emptied."""

    def shell(self, subject: UUID, alias: UUID) -> None:
        """Make an account row called ``alias`` that nobody can ever sign in to: remainders hang on it."""

    def drop(self, subject: UUID) -> int:
        """Delete the account itself and what hangs on it, once no remainder does; how many rows."""


@runtime_checkable
class Wards(Protocol):
    """A guardian's children, on their way out with them."""

    def alone(self, subject: UUID) -> Sequence[UUID]:
        """The children whom nobody else looks after: they go along."""

    def leave_shared(self, subject: UUID, by: Actor) -> int:
        """End this guardian's part in children others look after too, who stay; how many children."""


PortName = Literal["address_of", "still_wanted", "notifier", "service_of", "sessions", "account_of", "wards"]
Provider = AddressOf | StillWanted | Notifier | ServiceOf | Sessions | AccountOf | Wards
PORTS: dict[PortName, type] = {
    "address_of": AddressOf,
    "still_wanted": StillWanted,
    "notifier": Notifier,
    "service_of": ServiceOf,
    "sessions": Sessions,
    "account_of": AccountOf,
    "wards": Wards,
}

_providers: dict[PortName, Provider] = {}


class PortUnanswered(LookupError):
    """Nobody registered a provider for a port."""


def register(port: PortName, provider: Provider) -> None:
    """Name the one provider of a port. Raises ValueError for an unknown port or another shape of provider."""
    if port not in PORTS or not isinstance(provider, PORTS[port]):
        raise ValueError(f"{port!r} is not a port, or its provider lacks a method that the port promises.")
    _providers[port] = provider


@overload
def get(port: Literal["address_of"]) -> AddressOf: ...
@overload
def get(port: Literal["still_wanted"]) -> StillWanted: ...
@overload
def get(port: Literal["notifier"]) -> Notifier: ...
@overload
def get(port: Literal["service_of"]) -> ServiceOf: ...
@overload
def get(port: Literal["sessions"]) -> Sessions: ...
@overload
def get(port: Literal["account_of"]) -> AccountOf: ...
@overload
def get(port: Literal["wards"]) -> Wards: ...
def get(port: PortName) -> Provider:
    """The provider of a port. Raises PortUnanswered."""
    try:
        return _providers[port]
    except KeyError:
        raise PortUnanswered(f"No app registered a provider for the port {port!r}.") from None


def unanswered() -> list[str]:
    """Names of the ports that nobody provides."""
    return [name for name in PORTS if name not in _providers]

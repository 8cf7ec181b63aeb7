"""What lower layers ask of higher ones, as typed ports; a higher app registers its answer in `ready()`."""

from datetime import datetime
from typing import Literal, Protocol, overload, runtime_checkable
from uuid import UUID


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


PortName = Literal["address_of", "still_wanted"]
PORTS: dict[PortName, type] = {"address_of": AddressOf, "still_wanted": StillWanted}

_providers: dict[PortName, AddressOf | StillWanted] = {}


class PortUnanswered(LookupError):
    """Nobody registered a provider for a port."""


def register(port: PortName, provider: AddressOf | StillWanted) -> None:
    """Name the one provider of a port. Raises ValueError for an unknown port or another shape of provider."""
    if port not in PORTS or not isinstance(provider, PORTS[port]):
        raise ValueError(f"{port!r} is not a port, or its provider lacks a method that the port promises.")
    _providers[port] = provider


@overload
def get(port: Literal["address_of"]) -> AddressOf: ...
@overload
def get(port: Literal["still_wanted"]) -> StillWanted: ...
def get(port: PortName) -> AddressOf | StillWanted:
    """The provider of a port. Raises PortUnanswered."""
    try:
        return _providers[port]
    except KeyError:
        raise PortUnanswered(f"No app registered a provider for the port {port!r}.") from None


def unanswered() -> list[str]:
    """Names of the ports that nobody provides."""
    return [name for name in PORTS if name not in _providers]

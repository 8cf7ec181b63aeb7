"""What can go wrong with a request, in words for whoever asks."""


class RequestUnknown(LookupError):
    """There is no such request, or it is somebody else's: nobody learns which."""


class NotTheirs(PermissionError):
    """Somebody reached for what we hold about another person."""


class RequestMoved(Exception):
    """Somebody was faster: the request stands elsewhere by now."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the request is {state}")
        self.state = state


class RequestRefused(ValueError):
    """What was asked for cannot be taken as it is: ``field`` names what is wrong, ``message`` says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} of a request")
        self.field = field
        self.message = message


class SecondPersonNeeded(PermissionError):
    """Whoever wrote a refusal or listed a plan does not approve it: another member of staff has to."""


class NotEntitled(PermissionError):
    """This member of staff may not do that; ``right`` is what it takes, as ``rights.approve_refusal``."""

    def __init__(self, right: str) -> None:
        super().__init__(f"it takes the right {right}")
        self.right = right


class UseBarred(Exception):
    """Nothing new is begun for this person: ``words`` say why, and the way on."""

    def __init__(self, bar: str, words: str) -> None:
        super().__init__(f"the use of their data is {bar}")
        self.bar = bar
        self.words = words


class StillWithdrawn(Exception):
    """The policy's consent is withdrawn: what stands still because of that moves on by agreeing again."""


class ErasureBegun(Exception):
    """What was to be deleted after a withdrawal is being deleted by now: nothing is restored."""


class FieldLocked(ValueError):
    """The field is not corrected this way: ``why``, a sentence for whoever asked."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} is not corrected this way")
        self.field = field
        self.why = why


class PackageUnknown(RequestUnknown):
    """There is no such package or link to it, or it is somebody else's: nobody learns which."""


class PackageNotReady(Exception):
    """The package is still being made."""


class PackageOver(Exception):
    """The package is gone: seven days or three downloads are over, or the data may not be read any more."""


class TicketRefused(Exception):
    """The link was used before, or is too old: a new one is asked for with a fresh code."""

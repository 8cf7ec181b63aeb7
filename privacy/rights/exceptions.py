"""What can go wrong with a request, in words for whoever asks."""


class RequestUnknown(LookupError):
    """There is no such request, or it is somebody else's: nobody learns which."""


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

"""What can go wrong with keeping and purging."""


class HoldRefused(ValueError):
    """A hold cannot be placed or released like this: ``field`` names what is wrong, ``message`` says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} of a hold")
        self.field = field
        self.message = message


class PeriodOutOfBounds(ValueError):
    """A period below its floor or above its ceiling; the text names the rule and both."""

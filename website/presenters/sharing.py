"""What a page is called where it is shared, searched and bookmarked."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """Title and description: of a chat's card, a search result, a tab. Each says what the page offers."""

    title: str
    description: str

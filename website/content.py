"""What the home page says about the five programmes, in the order they are shown everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProgrammeTile:
    """One programme as the home page shows it. ``slug`` also names its colour and its puppet's prop;
    ``puppet`` is the seed of the puppet that stands for it, chosen so that no two on the page look alike.
    """

    slug: str
    name: str
    line: str
    puppet: str


PROGRAMMES = (
    ProgrammeTile("drama", "戏剧", "把故事演出来", "6"),
    ProgrammeTile("puzzles", "益智", "把难题一块块拆开", "1"),
    ProgrammeTile("speech", "口才", "把心里话说明白", "2"),
    ProgrammeTile("aesthetics", "美育", "把看见的变成画", "8"),
    ProgrammeTile("reading", "读物", "把好书读出滋味", "6"),
)

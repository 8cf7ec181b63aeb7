"""Finding values in heaps of bytes, however they are spelled and packed."""

from kit.needles.search import Hit, Needles, Search, search
from kit.needles.spellings import TooShort, Value, spellings

__all__ = ["Hit", "Needles", "Search", "TooShort", "Value", "search", "spellings"]

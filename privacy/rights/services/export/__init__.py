"""The copy of a person's data that they asked for: collected, written, packed, taken, ended."""

"""What can be wrong with the catalogue."""


class CatalogueInvalid(ValueError):
    """A catalogue file contradicts itself; the message names the file's noun and what to correct."""

"""The whole catalogue, noun by noun, in the order in which they refer to each other."""

from django.db import transaction

from courses.services.cities import load_cities, read_cities
from courses.services.loading import Loaded


@transaction.atomic
def load_catalogue() -> list[Loaded]:
    """Bring every noun of the catalogue up to date, or none. Running it again changes nothing."""
    return [load_cities(rows=read_cities())]

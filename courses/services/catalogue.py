"""The whole catalogue, noun by noun, in the order in which they refer to each other."""

from django.db import transaction

from courses.services.campuses import load_campuses, read_campuses
from courses.services.cities import load_cities, read_cities
from courses.services.loading import Loaded
from courses.services.offer import load_courses, load_programmes, read_courses, read_programmes


@transaction.atomic
def load_catalogue() -> list[Loaded]:
    """Bring every noun of the catalogue up to date, or none. Running it again changes nothing."""
    return [
        load_cities(rows=read_cities()),
        load_programmes(rows=read_programmes()),
        load_courses(rows=read_courses()),
        load_campuses(rows=read_campuses()),
    ]

"""Where a campus is on a map: an address of Amap, which opens its app on phones that have it."""

from django.utils.http import urlencode

from courses.models import Campus

_MARKER = "https://uri.amap.com/marker"


def map_link(campus: Campus) -> str:
    """The campus as a marker. Coordinates are Amap's own (GCJ-02)."""
    query = {
        "position": f"{campus.longitude},{campus.latitude}",
        "name": campus.name,
        "coordinate": "gaode",
        "callnative": "1",
    }
    return f"{_MARKER}?{urlencode(query)}"

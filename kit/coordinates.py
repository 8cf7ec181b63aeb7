"""Chinese map coordinates (GCJ-02) and the world's (WGS 84), which lie up to half a kilometre apart."""

from math import cos, pi, radians, sin, sqrt

_AXIS = 6378245.0  # metres, of the ellipsoid that GCJ-02 is drawn on
_SQUASH = 0.00669342162296594323  # its eccentricity, squared


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """Degrees of GCJ-02, as maps in China give them, in degrees of WGS 84; good to some metres."""
    north, east = _offset(latitude, longitude)
    return latitude - north, longitude - east


def _offset(latitude: float, longitude: float) -> tuple[float, float]:
    """By how many degrees GCJ-02 moves a place north and east."""
    y, x = latitude - 35.0, longitude - 105.0
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    flat = 1 - _SQUASH * sin(radians(latitude)) ** 2
    metres_north = _AXIS * (1 - _SQUASH) / (flat * sqrt(flat)) * pi / 180
    metres_east = _AXIS / sqrt(flat) * cos(radians(latitude)) * pi / 180
    return north / metres_north, east / metres_east

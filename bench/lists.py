"""Pages and lists rendered anew each time, with many bookings in the database beside the same with few."""

from collections.abc import Iterator

from bench.load import BadAnswer, Caller, get, times
from bench.report import Line, at_most, heading
from bench.shown import Shown

BAR = 1.3  # times the floor's 95th percentile
_WARM_UP = 40  # requests, so that every thread of the server has its connections
_ALIKE = 0.3  # by how much the sizes of the two answers may differ: as many rows, other names


def _requests(shown: Shown) -> dict[str, bytes]:
    desk, head_office = {"session": shown.at_the_desk}, {"session": shown.head_office}
    bookings = "/staff/enrollment/trialbooking/"
    classes = "/api/v1/class-sessions/"
    return {
        "campus page": get(f"/campuses/{shown.campus}/"),
        "city page, its campuses and classes": get(f"/cities/{shown.city}/"),
        "API: campuses of a city": get(f"/api/v1/cities/{shown.city}/campuses/"),
        "API: classes": get(classes),
        "API: classes of a city": get(f"{classes}?city={shown.city}"),
        "API: classes of a campus": get(f"{classes}?campus={shown.campus}"),
        "API: classes of a campus, full ones too": get(f"{classes}?campus={shown.campus}&full=1"),
        "staff: the day at a campus": get(f"/staff/today/?day={shown.day}", desk),
        "staff: bookings of a campus": get(bookings, desk),
        "staff: bookings of all campuses": get(bookings, head_office),
        "staff: classes of a campus": get("/staff/enrollment/classsession/", desk),
    }


def measure(
    many: tuple[int, Shown], few: tuple[int, Shown], *, sizes: tuple[int, int], asks: int
) -> Iterator[str | Line]:
    """Lines of the table, as they come. ``many``, ``few``: the ports of two products and what they show."""
    large, small = sizes
    yield heading(
        f"Lists, cache off, one request at a time, 95th percentile (bar: {BAR} times the floor)",
        f"{large:,}",
        f"{small:,}",
        "times",
    )
    requests = zip(_requests(many[1]).items(), _requests(few[1]).values(), strict=True)
    for (what, of_many), of_few in requests:
        with Caller(many[0]) as first, Caller(few[0]) as second:
            _same_page(what, first.ask(of_many), second.ask(of_few))
            pairs = [(first, of_many), (second, of_few)]
            times(pairs, rounds=_WARM_UP)
            seconds, floor = times(pairs, rounds=asks)
        yield at_most(BAR, what=what, seconds=seconds, floor=floor)


def _same_page(what: str, many: bytes, few: bytes) -> None:
    if abs(len(many) - len(few)) > _ALIKE * max(len(many), len(few)):
        raise BadAnswer(f"{what}: {len(many)} bytes beside {len(few)}: these are not the same rows")

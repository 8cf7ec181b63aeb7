"""Kept pages: the same for everybody, made once, gone in time, and never about anybody."""

import gzip
import threading
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.conf import settings as configured
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from time_machine import TimeMachineFixture

from kit import page_cache
from kit.page_cache import PersonalPage, cached_for
from leap.urls import urlpatterns as ours
from tests.waiting import until

SECONDS = 20
_made = count(1)


def numbered(request: HttpRequest) -> HttpResponse:
    """A page that says which one it is and what it was told."""
    return HttpResponse(
        f"page {next(_made)}, q={request.GET.get('q')}, all={sorted(request.GET)}" + " " * 300
    )


@cached_for(SECONDS, query=("q",))
def kept(request: HttpRequest) -> HttpResponse:
    return numbered(request)


@cached_for(SECONDS)
def told(request: HttpRequest) -> HttpResponse:
    """Everything a template or view could know about who asks."""
    source = "{{ user.is_authenticated }} {{ request.COOKIES }} {{ request.META }} {{ messages }}"
    page = engines["django"].from_string(source).render({}, request)
    return HttpResponse(f"{page} {request.get_host()} {request.scheme} {dict(request.headers)}")


@cached_for(SECONDS)
def gone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"gone {next(_made)}", status=410)


@cached_for(SECONDS)
def away(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"/kept/?q={next(_made)}")


@cached_for(SECONDS)
def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("kept/", kept),
    path("told/", told),
    path("gone/", gone),
    path("away/", away),
    path("missing/", missing),
    path("plain/", numbered),
    *ours,
]
handler404, handler500 = "leap.errors.not_found", "leap.errors.server_error"
pytestmark = pytest.mark.urls(__name__)


def body(response: Any) -> str:
    return str(response.content.decode())


def test_everybody_gets_the_page_that_was_made_first(client: Client) -> None:
    first = client.get("/kept/")
    assert body(first).startswith("page ")
    assert body(client.get("/kept/")) == body(Client().get("/kept/")) == body(first)
    assert body(client.get("/plain/")) != body(client.get("/plain/"))


def test_a_page_goes_in_time_and_browsers_are_told_how_much_is_left(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now())
    first = client.get("/kept/")
    time_machine.shift(SECONDS - 5)
    later = client.get("/kept/")
    assert body(later) == body(first)
    assert later["Cache-Control"] in {"private, max-age=5", "private, max-age=4"}

    time_machine.shift(6)
    assert body(client.get("/kept/")) != body(first)


def test_a_clock_put_back_keeps_nothing_longer(client: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(timezone.now())
    first = client.get("/kept/")
    time_machine.shift(-3600)
    assert body(client.get("/kept/")) != body(first)


def test_pages_differ_by_the_named_values_alone(client: Client) -> None:
    plain, searched = client.get("/kept/"), client.get("/kept/?q=%E5%8C%97")
    assert "q=北, all=['q']" in body(searched)
    assert "q=None, all=[]" in body(plain)
    assert body(client.get("/kept/?from=singlemessage&isappinstalled=0")) == body(plain)
    assert body(client.get("/kept/?utm=1&q=%E5%8C%97&page=2")) == body(searched)


def test_head_is_answered_from_the_same_page(client: Client) -> None:
    page = client.get("/kept/")
    assert client.head("/kept/")["ETag"] == page["ETag"]


def test_other_methods_reach_the_view_itself(client: Client) -> None:
    assert body(client.post("/kept/")) != body(client.post("/kept/"))


def test_the_host_that_was_asked_for_is_no_part_of_a_page() -> None:
    [first, *_rest] = configured.ALLOWED_HOSTS
    page = body(Client().get("/told/", HTTP_HOST="localhost"))
    assert first in page
    assert "localhost" not in page
    assert body(Client().get("/told/", HTTP_HOST=first)) == page


def test_a_page_is_made_without_knowing_who_asks(client: Client) -> None:
    client.cookies["city"] = "secret-cookie"
    page = body(
        client.get("/told/?q=secret-query", HTTP_X_REAL_IP="203.0.113.7", HTTP_USER_AGENT="secret-agent")
    )
    assert page.startswith("False {}")
    assert "secret" not in page
    assert "203.0.113.7" not in page
    assert "127.0.0.1" not in page.replace(configured.PUBLIC_URL.partition("//")[2], "")


def session_of(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.session))


def user_of(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


@pytest.mark.parametrize("view", [session_of, user_of])
def test_a_view_that_asks_who_is_asking_fails(view: Callable[[HttpRequest], HttpResponse]) -> None:
    request = RequestFactory().get("/")
    vars(request).update(user="Li", session={"city": "secret"})
    assert view(request).status_code == 200
    with pytest.raises(AttributeError):
        cached_for(SECONDS)(view)(request)


def with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("ok")
    response.set_cookie("session", "1")
    return response


def with_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


def as_stream(request: HttpRequest) -> Any:
    return StreamingHttpResponse(iter(["ok"]))


@pytest.mark.parametrize("view", [with_cookie, with_form, as_stream, never_cache(numbered)])
def test_what_is_for_one_visitor_is_refused(view: Callable[[HttpRequest], HttpResponse]) -> None:
    with pytest.raises(PersonalPage):
        cached_for(SECONDS)(view)(RequestFactory().get("/"))


@pytest.mark.parametrize("address", ["/kept/", "/told/"])
def test_the_cookie_for_posting_is_each_visitors_own(address: str) -> None:
    one, other = Client().get(address), Client().get(address)
    assert body(one) == body(other)
    cookies = [response.cookies[configured.CSRF_COOKIE_NAME].value for response in (one, other)]
    assert len(set(cookies)) == 2
    assert all(cookie not in body(one) for cookie in cookies)
    assert "public" not in one["Cache-Control"]


@pytest.mark.parametrize(("address", "status"), [("/gone/", 410), ("/away/", 302), ("/missing/", 404)])
def test_only_pages_that_are_there_are_kept(client: Client, address: str, status: int) -> None:
    first, second = client.get(address), client.get(address)
    assert first.status_code == second.status_code == status
    if status != 404:
        assert (first.content, first.get("Location")) != (second.content, second.get("Location"))


def test_packed_once_for_whoever_unpacks(client: Client) -> None:
    plain, packed = client.get("/kept/"), client.get("/kept/", HTTP_ACCEPT_ENCODING="gzip, br")
    again = client.get("/kept/", HTTP_ACCEPT_ENCODING="gzip")
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert again.content == packed.content
    for response in (plain, packed):
        assert "Accept-Encoding" in response["Vary"]
        assert int(response["Content-Length"]) == len(response.content)


def test_who_has_the_page_is_not_sent_it_again(client: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(timezone.now())
    first = client.get("/kept/")
    same = client.get("/kept/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (same.status_code, same.content) == (304, b"")

    time_machine.shift(SECONDS + 1)
    assert client.get("/kept/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_a_flood_of_searches_is_bounded_and_what_is_asked_for_stays() -> None:
    shelf = page_cache.Shelf(SECONDS)

    def ask(q: object) -> bytes:
        return shelf.page(("/", (("q", str(q)),)), lambda: HttpResponse(str(next(_made)))).plain

    home = ask("home")
    for number in range(1000):
        ask(number)
        assert ask("home") == home
    assert len(shelf._pages) == 300


class Slow:
    """A view that waits until it is let go, counting who entered."""

    def __init__(self, *, fails: bool = False) -> None:
        self.go = threading.Event()
        self.entered = 0
        self.fails = fails

    def __call__(self) -> HttpResponse:
        self.entered += 1
        assert self.go.wait(10)
        if self.fails:
            raise Http404
        return HttpResponse("slow")


@pytest.fixture
def crowd() -> Iterator[Callable[[page_cache.Shelf, Slow], list[object]]]:
    threads: list[threading.Thread] = []

    def ask(shelf: page_cache.Shelf, view: Slow) -> list[object]:
        answers: list[object] = []

        def one() -> None:
            try:
                answers.append(shelf.page(("/", ()), view).plain)
            except Http404 as error:
                answers.append(error)

        threads.extend(threading.Thread(target=one) for _ in range(20))
        for thread in threads:
            thread.start()
        until(lambda: view.entered, what="somebody to make the page")
        view.go.set()
        for thread in threads:
            thread.join(10)
        return answers

    yield ask
    assert not any(thread.is_alive() for thread in threads)


def test_a_crowd_makes_a_page_once(crowd: Callable[[page_cache.Shelf, Slow], list[object]]) -> None:
    view = Slow()
    assert crowd(page_cache.Shelf(SECONDS), view) == [b"slow"] * 20
    assert view.entered == 1


def test_a_page_that_fails_fails_for_all_who_waited_and_is_tried_again(
    crowd: Callable[[page_cache.Shelf, Slow], list[object]],
) -> None:
    shelf, view = page_cache.Shelf(SECONDS), Slow(fails=True)
    assert all(isinstance(answer, Http404) for answer in crowd(shelf, view))
    assert shelf.page(("/", ()), lambda: HttpResponse("mended")).plain == b"mended"


def test_nobody_waits_for_ever_behind_a_page_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "_MAKING_AT_MOST", 0.05)
    shelf, view = page_cache.Shelf(SECONDS), Slow()
    hanging = threading.Thread(target=lambda: shelf.page(("/", ()), view))
    hanging.start()
    until(lambda: view.entered, what="the page to hang")
    try:
        assert shelf.page(("/", ()), lambda: HttpResponse("own")).plain == b"own"
    finally:
        view.go.set()
        hanging.join(10)

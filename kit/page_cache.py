"""Public pages kept by the process for some seconds: the same for everybody, and made so.

The view of a kept page is handed a request that says nothing about who asks: no cookies, session, user,
address or header, and of the query only what it named. So nothing personal can get into the page. What the
visitor gets besides it, such as the CSRF cookie, is added by middleware outside.
"""

from __future__ import annotations

import functools
import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import SimpleTemplateResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

View = Callable[..., HttpResponse]
Key = tuple[str, tuple[tuple[str, str], ...]]  # path, and the named values of the query

_MOST_PAGES = 300  # of one view: all campuses fit, and a flood of searches pushes nothing else out
_MAKING_AT_MOST = 5.0  # seconds to wait for the page that another thread is making, before making one's own
_WORTH_PACKING = 200  # bytes
_OK = 200
_SAFE = ("GET", "HEAD")


class PersonalPage(Exception):
    """A view whose pages are kept for everybody answered one visitor alone."""


class AnybodysRequest(HttpRequest):
    """What a kept page is made from: the path, the named values of the query, and our own address.

    It has no ``session`` and no ``user``: a view that asks for one raises AttributeError.
    """

    def __init__(self, request: HttpRequest, query: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        ours = urlsplit(settings.PUBLIC_URL)
        self._ours = ours.scheme
        self.method = "GET"
        self.path, self.path_info = request.path, request.path_info
        self.resolver_match = request.resolver_match
        self.META = {"HTTP_HOST": ours.netloc, "REQUEST_METHOD": "GET", "PATH_INFO": request.path_info}
        self.GET = QueryDict(urlencode(query))

    def _get_scheme(self) -> str:
        return self._ours


@dataclass(frozen=True)
class Page:
    """An answer as it was made, also packed, and when."""

    status: int
    headers: tuple[tuple[str, str], ...]
    plain: bytes
    packed: bytes | None
    etag: str
    made_at: (
        float  # seconds since 1970: what is on a page depends on the hour, so its age is by the clock too
    )
    seconds: float

    def left(self) -> float:
        """Seconds until it goes; none where the clock was put back meanwhile."""
        age = time.time() - self.made_at
        return max(0.0, self.seconds - age) if age >= 0 else 0.0

    def answer(self, request: HttpRequest) -> HttpResponse:
        """A response of its own for ``request``: 304 to who has this very page already."""
        packed = self.packed if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "") else None
        response = HttpResponse(self.plain if packed is None else packed, status=self.status)
        for name, value in self.headers:
            response[name] = value
        if packed is not None:
            response["Content-Encoding"] = "gzip"
        if self.status != _OK:
            return response
        response["Cache-Control"] = f"private, max-age={int(self.left())}"
        response["ETag"] = self.etag
        if "HTTP_IF_NONE_MATCH" in request.META:
            return get_conditional_response(request, etag=self.etag, response=response) or response
        return response


class Shelf:
    """The kept pages of one view, the least asked for going first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._making: dict[Key, Future[Page]] = {}

    def page(self, key: Key, make: Callable[[], HttpResponse]) -> Page:
        """The page kept under ``key``; made by one thread while the others wait for it."""
        with self._lock:
            kept = self._pages.get(key)
            if kept is not None and kept.left():
                self._pages.move_to_end(key)
                return kept
            making = self._making.get(key)
            if making is None:
                mine = self._making[key] = Future[Page]()
        return self._make(key, make, mine) if making is None else self._wait(making, make)

    def _wait(self, making: Future[Page], make: Callable[[], HttpResponse]) -> Page:
        try:
            return making.result(timeout=_MAKING_AT_MOST)
        except TimeoutError:
            return _page(make(), self._seconds)

    def forget(self) -> None:
        """Drop every page."""
        with self._lock:
            self._pages.clear()

    def _make(self, key: Key, make: Callable[[], HttpResponse], mine: Future[Page]) -> Page:
        try:
            page = _page(make(), self._seconds)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(page)
            if page.status == _OK:
                self._keep(key, page)
            return page
        finally:
            with self._lock:
                del self._making[key]

    def _keep(self, key: Key, page: Page) -> None:
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)


_shelves: list[Shelf] = []


def cached_for(seconds: float, *, query: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Keep what a public view answers to GET and HEAD for ``seconds``, in this process, at most 300 pages.

    ``query`` names the values of the query that the page depends on; the view sees no others, so whatever a
    chat or an advertisement hangs onto a link changes nothing. Only 200 is kept. Browsers may keep a page
    until it goes here, so nobody sees one older than ``seconds``. Raises PersonalPage where the view sets a
    cookie, makes a CSRF token, streams, or says by itself how long its answer may be kept.
    """

    def decorate(view: View) -> View:
        shelf = Shelf(seconds)
        _shelves.append(shelf)

        @functools.wraps(view)
        def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in _SAFE:
                return view(request, *args, **kwargs)
            named = tuple((name, request.GET[name]) for name in query if name in request.GET)

            def make() -> HttpResponse:
                anybodys = AnybodysRequest(request, named)
                return _impersonal(anybodys, view(anybodys, *args, **kwargs))

            return shelf.page((request.path_info, named), make).answer(request)

        return kept

    return decorate


def forget_pages() -> None:
    """Drop every page this process keeps."""
    for shelf in _shelves:
        shelf.forget()


def _impersonal(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.streaming:
        raise PersonalPage("a page kept for everybody cannot be a stream")
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    if response.cookies:
        raise PersonalPage(f"a page kept for everybody sets {', '.join(response.cookies)}")
    if "CSRF_COOKIE" in request.META:
        raise PersonalPage("a page kept for everybody holds a form with a token")
    if response.has_header("Cache-Control"):
        raise PersonalPage("a page kept for everybody says by itself how long it may be kept")
    return response


def _page(response: HttpResponse, seconds: float) -> Page:
    plain = response.content
    # Packed alike each time, unlike other answers: nothing secret is in it for its length to tell (BREACH).
    packed = gzip.compress(plain, mtime=0) if len(plain) >= _WORTH_PACKING else None
    if packed is not None:
        patch_vary_headers(response, ("Accept-Encoding",))
    return Page(
        status=response.status_code,
        headers=tuple(response.items()),
        plain=plain,
        packed=packed,
        etag=f'W/"{sha256(plain).hexdigest()[:32]}"',
        made_at=time.time(),
        seconds=seconds,
    )

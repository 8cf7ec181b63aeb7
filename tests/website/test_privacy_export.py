"""The copy of one's own: asked for, waited for, taken within its bounds, and by nobody else."""

import io
import json
from datetime import timedelta

import pytest
import pyzipper
from django.test import Client
from django.utils import timezone

from accounts.models import User
from privacy.rights.enums import PackageState
from privacy.rights.models import DataSubjectRequest, DownloadTicket, ExportPackage
from privacy.rights.services.export.making import make
from tests.children import a_child, name_of
from tests.families import a_guardian, a_seat
from tests.own_pages import an_hour_passes, comes_in, number_of
from tests.places import a_class

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME = "/account/privacy/"


@pytest.fixture
def guardian() -> User:
    mine = a_guardian()
    a_seat(a_class(), mine)
    return mine


@pytest.fixture
def browser(guardian: User) -> Client:
    return comes_in(guardian)


@pytest.fixture
def address(browser: Client) -> str:
    """The address of a copy that is made."""
    where = browser.post(f"{HOME}export/")["Location"]
    make(package_id=ExportPackage.objects.get().pk)
    return where


def body(answer: object) -> bytes:
    return b"".join(answer.streaming_content)


def test_on_its_way_the_page_asks_for_itself_until_told_not_to(browser: Client) -> None:
    where = browser.post(f"{HOME}export/")["Location"]

    waiting = browser.get(where)
    assert waiting["Refresh"] == "5"
    assert "正在做您的副本" in waiting.content.decode()
    assert "Refresh" not in browser.get(f"{where}?wait=no")
    for early in ("password/", "download/"):
        assert "said=not_ready" in browser.post(f"{where}{early}")["Location"]
    assert "去看这一份" in browser.get(f"{HOME}export/").content.decode()


@pytest.mark.clause("X2-5.6a", "L-PP-3-2")
def test_made_it_is_taken_as_a_zip_with_the_password_of_the_page(
    browser: Client, guardian: User, address: str
) -> None:
    ready = browser.get(address)
    assert "Refresh" not in ready
    assert "3 次，共 3 次" in ready.content.decode()

    secret = browser.post(f"{address}password/").context["password"]
    fetched = browser.get(browser.post(f"{address}download/")["Location"])

    assert fetched["Content-Type"] == "application/zip"
    assert "attachment" in fetched["Content-Disposition"]
    with pyzipper.AESZipFile(io.BytesIO(body(fetched))) as opened:
        opened.setpassword(secret.encode())
        page = opened.read("index.html").decode()
        assert json.loads(opened.read("manifest.json"))
    assert number_of(guardian) in page
    assert "2 次，共 3 次" in browser.get(address).content.decode()


def test_who_cannot_open_it_reads_it_here(browser: Client, guardian: User, address: str) -> None:
    answer = browser.get(f"{address}read/")

    assert answer.status_code == 200
    assert number_of(guardian) in body(answer).decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("what", ["password/", "download/", "read/"])
def test_all_three_need_a_fresh_code(browser: Client, address: str, what: str) -> None:
    an_hour_passes(browser)

    post = browser.get if what == "read/" else browser.post
    answer = post(f"{address}{what}")

    assert answer["Location"].startswith("/account/privacy/confirm/?next=%2Faccount%2Fprivacy%2Frequests%2F")
    assert not DownloadTicket.objects.exists()


def test_back_from_the_code_a_link_takes_nothing_by_itself(browser: Client, address: str) -> None:
    for what in ("password/", "download/"):
        assert browser.get(f"{address}{what}")["Location"] == address
    assert not DownloadTicket.objects.exists()


@pytest.mark.clause("X2-5.6a")
def test_a_fourth_download_a_used_link_and_the_eighth_day_are_refused(browser: Client, address: str) -> None:
    links = []
    for _ in range(3):
        links.append(browser.post(f"{address}download/")["Location"])
        body(browser.get(links[-1]))

    assert "said=over" in browser.post(f"{address}download/")["Location"]
    assert "said=" in browser.get(links[0])["Location"]
    assert "已经删除" in browser.get(address).content.decode()


def test_a_used_link_says_so_while_downloads_are_left(browser: Client, address: str) -> None:
    link = browser.post(f"{address}download/")["Location"]
    body(browser.get(link))

    again = browser.get(link)

    assert again["Location"] == f"{address}?said=used"
    assert "用过了" in browser.get(again["Location"]).content.decode()
    assert ExportPackage.objects.get().downloads == 1


def test_on_the_eighth_day_nothing_is_left(browser: Client, address: str) -> None:
    over = timezone.now() - timedelta(seconds=1)
    ExportPackage.objects.update(ready_at=over - timedelta(days=7), expires_at=over)

    for what in ("password/", "download/"):
        assert "said=over" in browser.post(f"{address}{what}")["Location"]
    assert "said=over" in browser.get(f"{address}read/")["Location"]


def test_somebody_else_s_copy_password_link_and_request_are_404(browser: Client, address: str) -> None:
    link = browser.post(f"{address}download/")["Location"]
    request = DataSubjectRequest.objects.get(pk=ExportPackage.objects.get().request_id)
    own = f"{HOME}requests/{request.public_id}/"
    stranger = comes_in(a_guardian())
    stranger.post(f"{HOME}export/")  # who has a copy of their own on its way

    gets = [own, address, f"{address}read/", f"{address}password/", f"{address}download/", link]
    posts = [f"{own}answer/", f"{own}withdraw/", f"{address}password/", f"{address}download/"]

    assert {path: stranger.get(path).status_code for path in gets} == dict.fromkeys(gets, 404)
    assert {path: stranger.post(path).status_code for path in posts} == dict.fromkeys(posts, 404)
    mine = stranger.post(f"{HOME}export/")["Location"]
    assert stranger.get(f"{mine}{link.rstrip('/').rsplit('/', 1)[-1]}/").status_code == 404
    assert ExportPackage.objects.get(request=request).downloads == 0
    assert browser.get(link).status_code == 200


def test_a_guessed_link_is_404(browser: Client, address: str) -> None:
    assert browser.get(f"{address}{'A' * 32}/").status_code == 404


def test_of_one_child_alone(browser: Client, guardian: User) -> None:
    child = a_child(guardian)
    assert "小豆包" in browser.get(f"{HOME}export/?who=child").content.decode()

    where = browser.post(f"{HOME}export/?child={name_of(child)}")["Location"]

    request = DataSubjectRequest.objects.of(guardian.pk).get()
    assert (request.on_behalf, request.concerning_id) == ("ward", child)
    make(package_id=ExportPackage.objects.get().pk)
    page = body(browser.get(f"{where}read/")).decode()
    assert "小豆包" in page
    assert number_of(guardian) not in page


def test_one_that_failed_is_said_to_have_failed(browser: Client) -> None:
    where = browser.post(f"{HOME}export/")["Location"]
    ExportPackage.objects.update(state=PackageState.FAILED)

    page = browser.get(where).content.decode()

    assert "没有做成" in page
    assert "再要一份" in page

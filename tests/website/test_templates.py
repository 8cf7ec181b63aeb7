"""Templates of forms and errors, drawn with what their views may give them."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from accounts.forms import AgreementsForm, LoginForm

WITH_FRAME = ["400", "403", "404", "413", "429", "booking_404", "csrf"]
STANDALONE = ["500", "503"]
SENT = SimpleNamespace(number="138 0013 8000", resend_in=58, expires_in=300)


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().get("/")


def login_page(request: HttpRequest, **context: Any) -> str:
    usual = {"form": LoginForm(), "challenge": "", "sent": None, "agreements": None, "next": "/account/"}
    return render_to_string("accounts/login.html", {**usual, **context}, request)


@pytest.mark.parametrize("name", [*WITH_FRAME, *STANDALONE])
def test_error_page_needs_nothing(name: str) -> None:
    page = render_to_string(f"errors/{name}.html")
    assert page.count("<h1") == 1
    assert page.count('class="button"') == 1
    assert '<a class="tel" href="tel:4000000000">400-000-0000</a>' in page
    assert "9:30–18:30，法定节假日除外" in page
    assert "noindex" in page


@pytest.mark.parametrize("name", WITH_FRAME)
def test_error_page_with_its_request_says_the_detail(name: str, request_: HttpRequest) -> None:
    page = render_to_string(
        f"errors/{name}.html", {"detail": "原因在这里。", "retry_after_text": "30 秒后"}, request_
    )
    assert ("30 秒后可以再试" if name == "429" else "原因在这里。") in page


@pytest.mark.parametrize("name", STANDALONE)
def test_standalone_page_asks_no_store(name: str, client: Client) -> None:
    assert "{%" not in render_to_string(f"errors/{name}.html")


@pytest.mark.parametrize(
    "context",
    [{}, {"sent": SENT, "challenge": "c"}, {"agreements": AgreementsForm(), "challenge": "c"}],
    ids=["first", "sent", "agreements"],
)
def test_enter_never_sends_a_message(context: dict[str, Any], request_: HttpRequest) -> None:
    form = re.search(r'<form class="form".*?</form>', login_page(request_, **context), re.DOTALL)
    assert form
    buttons = [tag for tag in re.findall(r"<button[^>]*>", form[0]) if 'form="minor"' not in tag]
    assert "send_code" not in buttons[0]
    assert 'tabindex="-1"' in buttons[0]
    assert "send_code" not in buttons[-1]


def test_what_was_sent_is_said_and_the_code_is_focused(request_: HttpRequest) -> None:
    page = login_page(request_, sent=SENT, challenge="c")
    assert "138 0013 8000" in page
    assert 'data-wait="58"' in page
    code = re.search(r'<input[^>]*name="code"[^>]*>', page)
    assert code
    assert "autofocus" in code[0]


def test_errors_are_summed_up_linked_and_counted_in_the_title(request_: HttpRequest) -> None:
    form = LoginForm({"phone": "138", "code": ""})
    page = login_page(request_, form=form)
    title = re.search(r"<title>(.*?)</title>", page)
    assert title
    assert title[1].startswith("有 2 处要改：")
    assert 'href="#id_phone"' in page
    assert 'href="#id_code"' in page
    assert "data-summary" in page


def test_conflict_without_a_field_is_shown_too(request_: HttpRequest) -> None:
    form = LoginForm({"phone": "13800138000", "code": "123456"})
    form.full_clean()
    form.add_error(None, "协议刚刚更新。")
    assert "协议刚刚更新。" in login_page(request_, form=form)


@pytest.mark.clause("L-PP-2-1.3a")
def test_whoever_is_under_18_posts_nothing_they_typed(request_: HttpRequest) -> None:
    page = login_page(request_, agreements=AgreementsForm())
    button = re.search(r"<button[^>]*>我未满 18 岁", page)
    assert button
    assert 'form="minor"' in button[0]
    minor = re.search(r'<form id="minor".*?</form>', page, re.DOTALL)
    assert minor
    assert re.findall(r'name="(\w+)"', minor[0]) == ["csrfmiddlewaretoken"]


@pytest.mark.clause("L-SITE-19")
def test_agreements_are_linked_unticked_and_say_who_agrees(request_: HttpRequest) -> None:
    page = login_page(request_, agreements=AgreementsForm())
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', page)
    assert len(boxes) == 2
    assert not any("checked" in box for box in boxes)
    assert "已满 18 周岁" in page
    assert "监护人" in page
    for document in ("terms", "privacy"):
        assert f'href="/legal/{document}/" data-dialog' in page
    assert 'name="terms_version"' in page


def test_typed_text_is_escaped(request_: HttpRequest) -> None:
    page = login_page(request_, form=LoginForm({"phone": '"><script>x</script>', "code": "1"}))
    assert "<script>x" not in page

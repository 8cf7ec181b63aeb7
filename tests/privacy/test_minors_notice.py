"""What guardians are told before any field about a child follows from the declarations of its columns."""

import dataclasses
import html
import re

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from privacy.consent.documents import EDITIONS
from privacy.consent.services import notice
from privacy.inventory import registry
from privacy.inventory.field_checks import check_personal
from privacy.inventory.record import told_for_consent
from privacy.minors.models import Child

pytestmark = pytest.mark.django_db(databases=["default"])


def shown(**context: str) -> str:
    page = render_to_string("components/children_notice.html", context, RequestFactory().get("/"))
    return html.unescape(page)


@pytest.fixture
def shoe_size(monkeypatch: pytest.MonkeyPatch) -> str:
    """One more column declared to hold something of a child's."""
    declaration = dataclasses.replace(
        Child._meta.get_field("nickname").declaration,
        id="child.shoe_size",
        title="孩子的鞋码",
        necessity="舞台上要换鞋",
    )
    kept = registry.inventory
    monkeypatch.setattr(
        registry, "inventory", lambda: [*kept(), (Child._meta.get_field("nickname"), declaration)]
    )
    return str(declaration.title)


@pytest.mark.clause("LAW-34", "LAW-14", "L-PP-4.5-2")
def test_the_notice_names_every_field_of_a_child_and_why_it_is_needed() -> None:
    page = shown()
    fields = [*registry.personal_fields(Child)]
    assert {declaration.id for _, declaration in fields} >= {"child.nickname", "child.birth_month"}
    for _, declaration in fields:
        assert str(declaration.title) in page
        assert str(declaration.necessity) in page
        assert registry.purposes[declaration.why].title in page
        assert registry.keeps[declaration.keep].title in page
    for said in (
        "放在哪里",
        "谁能看",
        "影响",
        "更正和删除",
        "不同意",
        "投诉",
        "预约照常",
        "/legal/children/",
    ):
        assert said in page


def test_a_field_that_is_added_is_told_in_the_notice_and_in_the_rules(shoe_size: str) -> None:
    assert shoe_size in shown()
    assert "舞台上要换鞋" in shown()
    rules = next(edition for edition in EDITIONS if edition.document == "children")
    assert shoe_size in rules.render()
    assert shoe_size not in notice("children").html  # published texts stay: the start asks for a new version


def test_a_childs_field_that_says_no_reason_stops_the_start() -> None:
    silent = dataclasses.replace(Child._meta.get_field("nickname").declaration, necessity="")
    assert [error.id for error in check_personal("x", silent)] == ["privacy.E021"]
    assert list(check_personal("x", Child._meta.get_field("nickname").declaration)) == []


@pytest.mark.clause("LAW-34")
def test_yes_and_no_are_two_buttons_of_one_weight() -> None:
    page = shown(agree_label="同意，填写", refuse_label="不同意，不填")
    buttons = re.findall(r"<button ([^>]*)>([^<]*)</button>", page)
    assert [label for _, label in buttons] == ["同意，填写", "不同意，不填"]
    looks = {re.sub(r'value="\w+"', "", attributes) for attributes, _ in buttons}
    assert len(looks) == 1
    assert re.findall(r'name="action" value="(\w+)"', page) == ["agree_children", "refuse_children"]
    assert "<button" not in shown()


def test_what_is_the_childs_own_comes_first() -> None:
    [part] = told_for_consent("child")
    assert [field["sealed"] for field in part["fields"]] == [True, True, True, False, False]


@pytest.mark.clause("L-PP-4.5-2")
def test_the_rules_publish_the_list_with_purpose_and_necessity() -> None:
    text = html.unescape(notice("children").html)
    for part in told_for_consent("child"):
        assert part["purpose"] in text
        assert part["keep"] in text
        for field in part["fields"]:
            assert field["title"] in text
            assert field["necessity"] in text

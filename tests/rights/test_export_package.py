"""What is in a copy: everything, nobody else's, nothing that lets anybody in, nothing that runs."""

import hashlib
import html
import json
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils.timezone import localtime

from kit.csv_cells import safe_cell
from privacy.consent.models import ConsentRecord
from privacy.inventory import registry
from privacy.keystore.services import Tampered
from privacy.keystore.signing import verify
from privacy.rights.enums import OnBehalf, PackageState, RequestState
from privacy.rights.models import ExportStep, Reply
from privacy.rights.services.export.parts import ZIP, Parts
from privacy.rights.services.export.snapshot import snapshot
from privacy.rights.services.export.taking import page_of
from tests.children import a_child, an_invitation, joins
from tests.families import a_guardian, written_to
from tests.people import new_phone
from tests.rights.exporting import (
    FORMULA,
    SCRIPT,
    Family,
    a_family,
    a_request,
    cells,
    made,
    opened,
    tables,
    zip_of,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def family(settings, tmp_path) -> Family:
    """One of two families. The other one has as much on file."""
    settings.MEDIA_ROOT = tmp_path
    a_family(nickname="别家的孩子", words="别家写的话")
    return a_family(nickname=FORMULA, words=SCRIPT)


def whole(members: dict[str, bytes]) -> bytes:
    return b"\n".join(members.values())


@pytest.mark.clause("X1-6-4")
def test_every_member_is_in_the_signed_manifest(family: Family) -> None:
    members = opened(made(family), family)
    manifest = json.loads(members["manifest.json"])

    hashes = {name: entry["sha256"] for name, entry in manifest["members"].items()}
    assert hashes == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in members.items()
        if name not in ("manifest.json", "manifest.sig")
    }
    verify(members["manifest.json"], members["manifest.sig"], public_pem=members["signing-key.pem"])
    with pytest.raises(Tampered):
        verify(
            members["manifest.json"] + b" ", members["manifest.sig"], public_pem=members["signing-key.pem"]
        )
    assert Client().get("/privacy/signing-key.pem").content == members["signing-key.pem"]
    assert manifest["request"].startswith("Q-")
    assert set(manifest["as_of"]) == set(manifest["rows"])


def test_there_is_everything_that_was_promised(family: Family) -> None:
    members = opened(made(family), family)
    assert {"index.html", "package.css", "sharing.json", "excluded.json"} <= set(members)
    tables_there = {name.rsplit(".", 1)[0].split("/")[1] for name in members if name.startswith("data/")}
    for table in tables_there:
        assert {f"data/{table}.json", f"data/{table}.csv", f"schema/{table}.json"} <= set(members)
    names = [name for name in members if name.startswith("consents/")]
    assert names == [f"consents/{place:04d}.json" for place, _name in enumerate(names, 1)]  # nothing is told
    receipts = [json.loads(members[name]) for name in names]
    decided = ConsentRecord.objects.filter(subject_id=family.guardian.pk)
    assert {receipt["record"] for receipt in receipts} == {
        str(pk) for pk in decided.values_list("pk", flat=True)
    }
    assert receipts[0]["document"]["sha256"] == decided.select_related("notice")[0].notice.sha256


@pytest.mark.clause("X2-5.6a")
def test_account_number_registration_and_children_are_in_it(family: Family) -> None:
    a_child(family.guardian, nickname="小汤圆")
    found = tables(opened(made(family), family))
    said = json.dumps(found, ensure_ascii=False)
    assert str(family.guardian.pk) in said
    assert family.phone in said
    assert localtime(family.guardian.created_at).strftime("%Y-%m-%d %H:%M:%S") in said
    assert {row["child.called"] for row in found["minors.child.children"]} == {FORMULA, "小汤圆"}


def test_rows_follow_their_schema(family: Family) -> None:
    members = opened(made(family), family)
    for table, rows in tables(members).items():
        schema = json.loads(members[f"schema/{table}.json"])["items"]
        for row in rows:
            assert set(row) == set(schema["properties"]) == set(schema["required"])


def test_nobody_else_is_in_it(family: Family) -> None:
    other = a_family(nickname="又一个孩子", words="又一家写的话")
    everything = whole(opened(made(family), family))
    for theirs in (other.phone, other.nickname, "又一家写的话", "别家", str(other.guardian.pk)):
        assert theirs.encode() not in everything


def test_another_guardian_of_the_same_child_is_not_in_it(family: Family) -> None:
    phone = new_phone()
    second = a_guardian(phone)
    child = a_child(family.guardian, nickname="小汤圆")
    joins(second, an_invitation(family.guardian, child))
    everything = whole(opened(made(family), family))
    assert phone.encode() not in everything
    assert str(second.pk).encode() not in everything


def test_nothing_lets_anybody_in_and_whatever_is_left_out_says_why(family: Family) -> None:
    members = opened(made(family), family)
    given = {name for rows in tables(members).values() for row in rows for name in row}
    fields = [declaration for _, declaration in registry.inventory()]
    credentials = {field.id for field in fields if field.is_credential}
    assert credentials
    assert not given & credentials
    left_out = {entry["field"]: entry["reason"] for entry in json.loads(members["excluded.json"])}
    assert set(left_out) == {field.id for field in fields if not field.export}
    assert all(left_out.values())


def test_no_cell_is_a_formula(family: Family) -> None:
    members = opened(made(family), family)
    found = [cell for name in members if name.endswith(".csv") for cell in cells(members[name])]
    assert safe_cell(FORMULA) in found
    assert SCRIPT in found  # begins with a bracket and keeps its ends of lines
    assert not [cell for cell in found if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    for name in members:
        assert not name.endswith(".csv") or members[name].startswith(b"\xef\xbb\xbf")


class Tags(HTMLParser):
    """Which tags and attributes a page has, and what it says."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("where", ["zip", "browser"])
def test_no_page_runs_anything(family: Family, where: str) -> None:
    package = made(family)
    if where == "zip":
        content = opened(package, family)["index.html"].decode()
    else:
        content = b"".join(page_of(package=package, by=family.acting)).decode()
    page = Tags()
    page.feed(content)
    said = "".join(page.text)
    assert SCRIPT.replace("\r\n", "\n") in said.replace("\r\n", "\n")
    assert FORMULA in said
    assert html.escape(SCRIPT) in content
    assert not page.tags & {"script", "style", "img", "iframe", "form", "b"}
    assert not [name for name in page.attributes if name.startswith("on") or name == "style"]


def test_what_is_stored_is_sealed(family: Family) -> None:
    package = made(family)
    files = {path.name: path.read_bytes() for path in Parts(package.pk).folder.iterdir()}
    assert ZIP in files
    for content in files.values():
        assert content[:2] != b"PK"
        for value in (family.phone, FORMULA, "<h2", package.request.reference):
            assert value.encode() not in content
    assert not [name for name in files if name.endswith((".json", ".csv", ".lines"))]
    assert zip_of(package, family)[:2] == b"PK"


def test_the_request_is_answered_and_the_person_told(family: Family) -> None:
    package = made(family)
    request = package.request
    request.refresh_from_db()
    assert (package.state, request.state) == (PackageState.READY, RequestState.FULFILLED)
    reply = Reply.objects.get(request=request, is_final=True)
    assert reply.remedies
    told = written_to(family.guardian)[-1]
    assert request.reference in told
    assert FORMULA not in told
    assert package.rows == sum(ExportStep.objects.filter(package=package).values_list("rows", flat=True))


def test_a_copy_for_one_child_holds_that_child_alone(family: Family) -> None:
    child = a_child(family.guardian, nickname="小汤圆")
    package = made(family, on_behalf=OnBehalf.WARD, concerning_id=child)
    members = opened(package, family)
    assert "小汤圆".encode() in whole(members)
    assert FORMULA.encode() not in whole(members)
    assert SCRIPT.encode() not in whole(members)


def test_a_snapshot_is_one_moment(family: Family) -> None:
    from privacy.rights.models import DataSubjectRequest

    with snapshot("default") as (alias, _):
        before = DataSubjectRequest.objects.using(alias).count()
        a_request(family.guardian)
        assert DataSubjectRequest.objects.using(alias).count() == before
        assert DataSubjectRequest.objects.count() == before + 1
    with snapshot("default") as (alias, as_of):
        assert DataSubjectRequest.objects.using(alias).filter(received_at__lte=as_of).count() == before + 1


def test_a_snapshot_cannot_write(family: Family) -> None:
    from django.db import InternalError

    with pytest.raises(InternalError, match="read-only"), snapshot("default") as (alias, _):
        ExportStep.objects.using(alias).update(rows=1)

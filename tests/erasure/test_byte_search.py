"""Somebody with a row everywhere is erased: no byte of what was theirs alone is left in the whole home."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from leap.canary import run_canary
from leap.services.residue.cleaning import clean
from leap.services.residue.scanning import findings, scan
from privacy.erasure.models import ResidueRun
from privacy.keystore.services import key_scope
from privacy.rights.services.export.making import make, request_export
from tests.children import signed_in
from tests.cleaning import empty_databases
from tests.erasure.erasing import erased
from tests.erasure.test_what_stays import attended
from tests.rights.exporting import a_request
from website.canary.coverage import uncovered
from website.canary.family import make_family
from website.canary.values import last_values, values_of

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


def said(run: ResidueRun) -> dict[str, int]:
    return {place: told["found"] for place, told in run.places.items() if told["found"]}


@pytest.mark.clause("X2-5.5.2b", "L-PP-4.1-3f")
def test_nothing_of_an_erased_family_is_left_anywhere() -> None:
    run = run_canary()

    assert run.failure == ""
    assert said(run) == {}
    assert run.findings == 0
    assert not [place for place, told in run.places.items() if told.get("unreached")]
    assert "minors.Child" in run.covered
    assert "enrollment.WaitlistEntry" in run.covered
    # The values wait, sealed, for `residue_scan`, which looks again; they themselves are not found.
    assert len(last_values()) > 20
    assert findings(scan(last_values())) == 0


@pytest.mark.clause("L-PP-4.1-3c")
def test_what_was_attended_and_copied_leaves_no_name_of_theirs() -> None:
    family = make_family()
    guardian = User.objects.get(pk=family.main.id)
    attended(guardian)
    with key_scope():
        copy = request_export(request=a_request(guardian))
        make(package_id=copy.pk)
    browser = signed_in(guardian)
    assert browser.get("/account/privacy/").status_code == 200
    values = values_of(family)
    assert Path(settings.MEDIA_ROOT, "exports", str(copy.pk)).exists()

    for member in family.members:
        erased(User.objects.get(pk=member.id))
    clean()

    found = {report.name: report.found for report in scan(values)}
    assert {place: count for place, count in found.items() if count} == {}
    assert not Path(settings.MEDIA_ROOT, "exports", str(copy.pk)).exists()


def test_the_same_search_finds_them_before() -> None:
    """The control: without the erasure the very same values lie about."""
    family = make_family()
    values = values_of(family)

    found = {report.name: report.found for report in scan(values)}

    for place in ("data", "wal", "dump", "custom_dump"):
        assert found[place] > 20, place


def test_a_table_without_a_canary_is_named() -> None:
    assert "minors.Child" in uncovered([])


def test_cleaning_forgets_what_was_only_marked_deleted() -> None:
    family = make_family()
    values = values_of(family)
    empty_databases()
    before = {report.name: report.found for report in scan(values)}
    assert before["dump"] == 0
    assert before["data"] > 0
    assert before["wal"] > 0

    clean()

    after = {report.name: report.found for report in scan(values)}
    assert after["data"] == 0
    assert after["wal"] == 0

"""What each role of the staff may do, and no more."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import User
from accounts.services.roles import enrol_staff, find_staff, load_roles
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE, MINORS_OFFICER, PRIVACY_OFFICER, ROLES
from privacy.actors import SYSTEM
from privacy.audit.models import AuditEvent
from tests.places import a_campus
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LISTS = {
    "/staff/courses/programme/": {HEAD_OFFICE},
    "/staff/courses/campus/": {HEAD_OFFICE, CAMPUS},
    "/staff/courses/campusmembership/": {HEAD_OFFICE},
    "/staff/enrollment/classsession/": {HEAD_OFFICE, CAMPUS},
    "/staff/enrollment/trialbooking/": {HEAD_OFFICE, CAMPUS},
    "/staff/enrollment/waitlistentry/": {HEAD_OFFICE, CAMPUS},
    "/staff/enrollment/ledgerproof/": {HEAD_OFFICE, AUDITOR},
    "/staff/today/": {HEAD_OFFICE, CAMPUS},
    "/staff/consent/consentrecord/": {PRIVACY_OFFICER, MINORS_OFFICER},
    "/staff/consent/consentnotice/": {PRIVACY_OFFICER, MINORS_OFFICER},
    "/staff/audit/auditevent/": {PRIVACY_OFFICER, AUDITOR},
    "/staff/accounts/user/": set(),
}


def rights(role: str) -> set[str]:
    return {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Group.objects.get(name=role).permissions.select_related("content_type")
    }


@pytest.mark.clause("X2-7.1.1")
@pytest.mark.parametrize("role", ROLES)
def test_role_opens_its_pages_and_no_others(role: str) -> None:
    client = signed_in(a_member_of_staff(role, a_campus()))

    opened = {page for page in LISTS if client.get(page).status_code == 200}

    assert opened == {page for page, roles in LISTS.items() if role in roles}


@pytest.mark.clause("X2-7.1.1")
def test_officers_change_nothing_but_requests_and_an_auditor_nothing_at_all() -> None:
    load_roles(roles=ROLES)
    for role in (PRIVACY_OFFICER, MINORS_OFFICER, AUDITOR):
        more = {right for right in rights(role) if not right.split(".")[1].startswith("view_")}
        assert all(right.split(".")[0] in ("rights", "erasure", "retention") for right in more), role
        assert role != AUDITOR or not more


def test_only_the_privacy_officer_calls_a_repeat_too_many_and_sees_every_request_with_its_words() -> None:
    load_roles(roles=ROLES)

    assert [role for role in ROLES if "rights.call_excessive" in rights(role)] == [PRIVACY_OFFICER]
    both = {"rights.view_datasubjectrequest", "rights.change_datasubjectrequest"}
    assert [role for role in ROLES if both <= set(rights(role))] == [PRIVACY_OFFICER]


def test_nobody_but_head_office_works_everywhere_and_no_role_makes_staff() -> None:
    load_roles(roles=ROLES)

    assert [role for role in ROLES if "courses.all_campuses" in rights(role)] == [HEAD_OFFICE]
    assert not [right for role in ROLES for right in rights(role) if right.startswith(("accounts.", "auth."))]


def test_loading_again_changes_nothing_and_takes_back_what_was_added() -> None:
    load_roles(roles=ROLES)
    before = {role: rights(role) for role in ROLES}
    Group.objects.get(name=AUDITOR).permissions.add(Permission.objects.get(codename="delete_campus"))

    load_roles(roles=ROLES)

    assert {role: rights(role) for role in ROLES} == before
    assert Group.objects.count() == len(ROLES)


def test_right_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"courses\.veiw_campus"):
        load_roles(roles={CAMPUS: ("courses.veiw_campus",)})
    assert not Group.objects.exists()


def test_enrolling_is_recorded_and_gives_the_role_alone() -> None:
    load_roles(roles=ROLES)
    User.objects.create_superuser("demo", "paper-puppet-theatre-7")

    user = enrol_staff(username="demo", password=None, role=AUDITOR, by=SYSTEM)

    assert find_staff(username="demo") == user
    assert not user.is_superuser
    assert user.check_password("paper-puppet-theatre-7")
    assert [group.name for group in user.groups.all()] == [AUDITOR]
    assert AuditEvent.objects.get(action="staff.enrolled").subject_id == user.pk


def test_superuser_makes_a_member_of_staff_who_can_come_in(client: Client) -> None:
    load_roles(roles=ROLES)
    client.force_login(User.objects.create_superuser("root", "paper-puppet-theatre-7"))
    typed = {"usable_password": "true", "password1": "kite-over-lake-9", "password2": "kite-over-lake-9"}

    assert client.post("/staff/accounts/user/add/", {"username": "new", **typed}).status_code == 302
    made = User.objects.get(username="new")
    group = Group.objects.get(name=AUDITOR).pk
    page = f"/staff/accounts/user/{made.pk}/change/"
    answer = client.post(page, {"username": "new", "is_active": "on", "groups": [group]})

    assert answer.status_code == 302
    assert AuditEvent.objects.filter(action="user.added").exists()
    browser = Client()
    assert browser.login(username="new", password="kite-over-lake-9")
    assert browser.get("/staff/audit/auditevent/").status_code == 200
    assert not User.objects.get(username="new").is_superuser


def test_guardians_are_not_among_the_staff(client: Client) -> None:
    guardian = User.objects.create()
    client.force_login(User.objects.create_superuser("root", "paper-puppet-theatre-7"))

    assert client.get(f"/staff/accounts/user/{guardian.pk}/change/").status_code == 404
    assert str(guardian.pk) not in client.get("/staff/accounts/user/").content.decode()


@pytest.mark.parametrize("page", ["consent/consentrecord", "consent/consentnotice", "audit/auditevent"])
def test_record_is_read_and_never_written(page: str) -> None:
    client = signed_in(a_member_of_staff(PRIVACY_OFFICER))

    assert client.get(f"/staff/{page}/?q=not-an-id").status_code == 200
    assert client.post(f"/staff/{page}/add/").status_code == 403


def test_staff_reach_no_public_page_by_a_row_number() -> None:
    """Django's own way from a row to its page asks nobody whose row it is."""
    client = signed_in(a_member_of_staff(HEAD_OFFICE))

    assert client.get(f"/staff/r/1/{a_campus().pk}/").status_code == 404

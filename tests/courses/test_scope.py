"""Whose rows a member of staff reaches, in every corner of the back office."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import User
from courses.models import Campus, CampusMembership, Teacher
from courses.policies import EVERYTHING, NOTHING, CampusScope, campus_scope
from courses.scoped_admin import ScopedModelAdmin
from enrollment.models import ClassSession, TrialBooking
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE
from tests.families import a_guardian, a_seat, a_wish, request_trial
from tests.places import a_campus, a_class
from tests.staff import a_member_of_staff, signed_in, with_every_right

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SHUT = {403, 404}


@dataclass
class Place:
    """One campus with a row of everything, and somebody who works there and may do whatever can be done."""

    campus: Campus
    teacher: Teacher
    session: ClassSession
    booked: TrialBooking
    requested: TrialBooking
    staff: User

    def rows(self) -> list[Model]:
        return [
            *(self.campus, self.campus.city, self.session.room, self.teacher, self.session),
            *(self.booked, self.requested, self.staff, CampusMembership.objects.get(user=self.staff)),
        ]

    def names(self) -> set[str]:
        """What would give one of the rows away."""
        return {
            *(self.campus.name, self.campus.slug, self.campus.city.name, self.campus.city.slug),
            *(self.teacher.stage_name, self.session.room.name, self.session.public_id),
            *(self.booked.reference, self.booked.public_id, self.requested.reference),
            *(str(row.pk) for row in (self.session, self.booked, self.requested, self.teacher, self.staff)),
            str(self.staff.username),
        }


def a_place(city: str, name: str) -> Place:
    campus = a_campus(city=city)
    teacher = Teacher.objects.create(campus=campus, stage_name=f"{name}老师")
    session = a_class(campus=campus, teacher=teacher)
    session.room.name = f"{name}教室"
    session.room.save()
    return Place(
        campus=campus,
        teacher=teacher,
        session=session,
        booked=a_seat(session),
        requested=request_trial(guardian=a_guardian(), request=a_wish(city=campus.city)),
        staff=with_every_right(a_member_of_staff(CAMPUS, campus, username=f"desk-of-{name}")),
    )


@pytest.fixture
def here() -> Place:
    return a_place("nanjing", "竹熊")


@pytest.fixture
def there() -> Place:
    return a_place("xiamen", "海豚")


def routes(patterns: list[URLPattern | URLResolver], before: str = "/staff/") -> Iterator[str]:
    """Every address of the back office, with its parameters still to fill."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif "(?P" not in route:  # the page of an app, and of whatever else
            yield route


def single(row: Model) -> list[str]:
    """Every address of one row."""
    root = f"/staff/{row._meta.app_label}/{row._meta.model_name}/"
    found = []
    for route in routes(admin.site.get_urls()):
        if route.startswith(root) and "<" in route:
            head, _, tail = route.partition("<")
            found.append(f"{head}{row.pk}{tail.partition('>')[2]}")
    return found


def whole() -> list[str]:
    """Every address that names no row, and the pages of the apps."""
    apps = {model._meta.app_label for model in admin.site._registry}
    plain = [route for route in routes(admin.site.get_urls()) if "<" not in route]
    return [*plain, *(f"/staff/{app}/" for app in sorted(apps))]


def scoped_lists() -> list[str]:
    return [
        f"/staff/{model._meta.app_label}/{model._meta.model_name}/"
        for model, page in admin.site._registry.items()
        if isinstance(page, ScopedModelAdmin)
    ]


def given_away(client: Client, address: str, place: Place) -> set[str]:
    shown = client.get(address, follow=True).content.decode()
    return {name for name in place.names() if name in shown}


def test_there_are_addresses_to_try(here: Place) -> None:
    assert len(single(here.booked)) >= 5
    assert f"/staff/enrollment/trialbooking/{here.booked.pk}/number/" in single(here.booked)
    assert {"/staff/", "/staff/autocomplete/", "/staff/courses/campus/add/"} <= set(whole())
    assert len(scoped_lists()) >= 8


@pytest.mark.clause("L-SITE-22")
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_another_campus_opens(here: Place, there: Place, method: str) -> None:
    client = signed_in(here.staff)
    opened = []
    for row in there.rows():
        for address in single(row):
            answer = getattr(client, method)(address, {"reason": "call_back"}, follow=True)
            if answer.status_code not in SHUT:
                opened.append((address, answer.status_code))

    assert opened == []


@pytest.mark.clause("L-SITE-22")
def test_no_list_form_or_search_names_another_campus(here: Place, there: Place) -> None:
    client = signed_in(here.staff)
    own = [address for row in here.rows() for address in single(row)]
    city, campus = there.campus.city.slug, there.campus.slug
    queries = ("all=1", "day=all", "_facets=1", f"city={city}", f"campus={campus}")
    asked = [f"{page}?{query}" for page in scoped_lists() for query in queries]
    told = {
        address: names
        for address in [*whole(), *own, *asked]
        # What was typed into the address stands in the page's own links.
        if (names := {name for name in given_away(client, address, there) if name not in address})
    }

    assert told == {}


def test_the_same_look_finds_them_for_who_works_everywhere(here: Place, there: Place) -> None:
    """The control: what the tests above look for is there to be seen."""
    client = signed_in(User.objects.create_superuser("everywhere", "paper-puppet-theatre-7"))

    seen = set.union(*(given_away(client, f"{page}?day=all", there) for page in [*scoped_lists(), *whole()]))
    opened = [row for row in there.rows() if client.get(single(row)[-2]).status_code == 200]

    assert there.names() - seen <= {there.session.public_id, there.booked.public_id, there.campus.slug}
    assert len(opened) == len(there.rows())


def test_own_rows_are_seen(here: Place, there: Place) -> None:
    client = signed_in(here.staff)

    assert given_away(client, "/staff/enrollment/trialbooking/", here) >= {
        here.booked.reference,
        here.requested.reference,
    }
    for row in (here.campus, here.session.room, here.teacher, here.session, here.booked, here.requested):
        address = f"/staff/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("page", ["enrollment/trialbooking", "enrollment/classsession", "courses/teacher"])
def test_neither_a_filter_nor_a_search_nor_a_count_reaches_further(
    here: Place, there: Place, page: str
) -> None:
    client = signed_in(here.staff)
    every = "" if page == "courses/teacher" else "day=all&"  # a list has its own filters and no others
    own = client.get(f"/staff/{page}/?{every}", follow=True).context["cl"].result_count

    for query in (
        f"campus={there.campus.slug}",
        f"city={there.campus.city.slug}",
        f"campus__id__exact={there.campus.pk}",
        f"q={there.booked.reference}",
        f"q={there.teacher.stage_name}",
        f"q={there.campus.name}",
        f"id__exact={there.session.pk}",
    ):
        answer = client.get(f"/staff/{page}/?{every}{query}", follow=True)
        if "__exact" in query:
            assert answer.status_code == 400, query
            continue
        listed = answer.context["cl"]
        assert listed.result_count <= own
        assert not there.names() & {str(row) for row in listed.result_list}, query
        assert all(getattr(row, "campus_id", None) in (here.campus.pk, None) for row in listed.result_list)


def autocompletions() -> Iterator[tuple[str, type[Model]]]:
    """Every question the one address for completing choices takes, and what it completes."""
    for model in admin.site._registry:
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey):
                names = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
                yield f"/staff/autocomplete/?{names}&field_name={field.name}", field.related_model


def test_choices_are_completed_within_the_scope(here: Place, there: Place) -> None:
    client = signed_in(here.staff)
    asked = list(autocompletions())
    assert {Campus, User} <= {model for _address, model in asked}

    for address, _model in asked:
        for term in ("", there.campus.name, there.teacher.stage_name, str(there.staff.username)):
            answer = client.get(address, {"term": term})
            found = answer.json()["results"] if answer.status_code == 200 else []
            assert not [one for one in found if one["text"] in there.names() or one["id"] in there.names()]


def test_a_form_takes_no_row_of_another_campus(here: Place, there: Place) -> None:
    client = signed_in(here.staff)
    answer = client.post(
        f"/staff/courses/room/{here.session.room.pk}/change/",
        {
            "campus": there.campus.pk,
            "name": here.session.room.name,
            "seats": 8,
            "active": "on",
        },
    )

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["campus"]
    here.session.room.refresh_from_db()
    assert here.session.room.campus_id == here.campus.pk


def test_an_action_reaches_own_rows_alone(here: Place, there: Place) -> None:
    """Whatever actions there are get their rows from the list, and the list holds none of the others."""
    for page in scoped_lists():
        model = page.split("/")[3]
        others = [str(row.pk) for row in there.rows() if row._meta.model_name == model]
        listed = signed_in(here.staff).get(f"{page}?day=all", follow=True)
        if listed.status_code == 200 and others:
            queryset = listed.context["cl"].get_queryset(listed.wsgi_request)
            assert not queryset.filter(pk__in=others).exists(), page


def test_scope_follows_memberships_and_rights(here: Place, there: Place) -> None:
    both = a_member_of_staff(CAMPUS, here.campus, there.campus)
    gone = a_member_of_staff(CAMPUS, here.campus)
    gone.is_active = False

    assert campus_scope(both) == CampusScope(
        frozenset({here.campus.pk, there.campus.pk}), frozenset({here.campus.city_id, there.campus.city_id})
    )
    assert campus_scope(a_member_of_staff(HEAD_OFFICE)) == EVERYTHING
    for nobody in (a_member_of_staff(AUDITOR), gone, here.booked.guardian, AnonymousUser()):
        assert campus_scope(nobody) == NOTHING


def test_a_request_without_a_campus_is_the_whole_citys(here: Place, there: Place) -> None:
    neighbour = a_member_of_staff(CAMPUS, a_campus(2, city=here.campus.city.slug))
    client = signed_in(neighbour)

    shown = client.get("/staff/enrollment/trialbooking/").content.decode()

    assert here.requested.reference in shown
    assert here.booked.reference not in shown
    assert there.requested.reference not in shown


def test_who_works_for_no_campus_sees_no_row(here: Place) -> None:
    client = signed_in(a_member_of_staff(CAMPUS))

    for page in ("enrollment/trialbooking", "enrollment/classsession", "courses/campus"):
        assert client.get(f"/staff/{page}/").context["cl"].result_count == 0

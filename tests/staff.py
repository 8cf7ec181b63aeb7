"""Members of staff for tests, with the roles of the product."""

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from accounts.services.roles import enrol_staff, load_roles
from courses.models import Campus
from courses.services.memberships import assign_campuses
from leap.roles import CAMPUS, ROLES
from privacy.actors import SYSTEM


def a_member_of_staff(role: str = CAMPUS, *campuses: Campus, username: str | None = None) -> User:
    """Somebody with that role, who works for these campuses."""
    load_roles(roles=ROLES)
    name = username or f"staff-{User.objects.count() + 1}"
    user = enrol_staff(username=name, password=None, role=role, by=SYSTEM)
    assign_campuses(user=user, campuses=campuses, by=SYSTEM)
    return user


def with_every_right(user: User) -> User:
    """The same, who may do whatever there is to do at a campus; the record of deeds belongs to none."""
    user.user_permissions.set(
        Permission.objects.exclude(codename="all_campuses").exclude(content_type__app_label="audit")
    )
    return user


def signed_in(user: User) -> Client:
    """A browser of theirs."""
    client = Client()
    client.force_login(user)
    return client

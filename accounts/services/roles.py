"""What members of staff may do: roles, each a group with its rights, and accounts that have one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.enums import UserKind
from accounts.models import User
from privacy.actors import Actor
from privacy.audit.services import record


@transaction.atomic
def load_roles(*, roles: Mapping[str, Collection[str]]) -> None:
    """Make each role's group hold exactly the rights named; running it again changes nothing.

    A right is ``app.codename``; with stars it names several: ``courses.view_*``. Groups of other names stay.
    Raises ValueError for a name that is no right's, since a role without it would lock somebody out.
    """
    known = {
        f"{right.content_type.app_label}.{right.codename}": right
        for right in Permission.objects.select_related("content_type")
    }
    for name, patterns in roles.items():
        unknown = [one for one in patterns if not any(fnmatchcase(right, one) for right in known)]
        if unknown:
            raise ValueError(f"The role {name} names rights that do not exist: {', '.join(unknown)}.")
        group, _ = Group.objects.get_or_create(name=name)
        due = [right for full, right in known.items() if any(fnmatchcase(full, one) for one in patterns)]
        group.permissions.set(due)


def find_staff(*, username: str) -> User | None:
    """The member of staff of that name, or None."""
    return User.objects.filter(username=username, kind=UserKind.STAFF).first()


def staff_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names by which colleagues know members of staff, by id. One query."""
    rows = User.objects.filter(pk__in=set(ids), kind=UserKind.STAFF)
    return {user_id: name or "" for user_id, name in rows.values_list("pk", "username")}


@transaction.atomic
def enrol_staff(*, username: str, password: str | None, role: str, by: Actor) -> User:
    """The member of staff of that name, with that role and no other right; made if there is none.

    A ``password`` replaces the one there is; None leaves it. Raises Group.DoesNotExist for an unknown role.
    """
    user = find_staff(username=username) or User(username=username, kind=UserKind.STAFF)
    user.is_staff, user.is_superuser, user.is_active = True, False, True
    if password is not None:
        user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    new_password = password is not None
    record("staff.enrolled", by=by, subject=user.pk, target=user, detail={"new_password": new_password})
    return user

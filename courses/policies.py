"""Whose campuses a member of staff works for: decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from courses.models import CampusMembership


@dataclass(frozen=True)
class CampusScope:
    """The campuses whose rows somebody may reach, and their cities; every campus there is for None."""

    campus_ids: frozenset[int] | None
    city_ids: frozenset[int]

    @property
    def is_everything(self) -> bool:
        return self.campus_ids is None


EVERYTHING = CampusScope(campus_ids=None, city_ids=frozenset())
NOTHING = CampusScope(campus_ids=frozenset(), city_ids=frozenset())


def campus_scope(user: AbstractBaseUser | AnonymousUser) -> CampusScope:
    """What ``user`` may reach: the campuses they work for; nothing for guardians and strangers.

    Rights say what may be done there. A right to everything, ``courses.all_campuses``, is the head office's.
    """
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return NOTHING
    if user.has_perm("courses.all_campuses"):
        return EVERYTHING
    places = list(CampusMembership.objects.filter(user=user).values_list("campus_id", "campus__city_id"))
    return CampusScope(
        campus_ids=frozenset(campus for campus, _ in places),
        city_ids=frozenset(city for _, city in places),
    )

"""A family with something on file in every place there is: guardian, two children, a second guardian."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services.children import add_child
from accounts.services.guardians import agree, find_guardian, register
from accounts.services.guardianships import accept_invitation, invite_guardian
from messaging.services import void_all
from privacy.consent.enums import Channel
from privacy.consent.services import current_versions, notice
from privacy.minors.models import Child
from website.canary.filling import Member
from website.canary.records import put_records
from website.canary.trials import put_trials

_BORN = date(2021, 5, 1)
_LETTERS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜"


@dataclass(frozen=True)
class Family:
    """``main`` has everything; ``other`` looks after one of the children too, and has one of their own."""

    main: Member
    other: Member

    @property
    def members(self) -> tuple[Member, Member]:
        return self.main, self.other


def make_family() -> Family:
    """Make them as pages and desks do. Nothing is sent to anybody: their numbers are nobody's to write to."""
    main, other = _member(), _member()
    family = Family(main, other)
    for member, count in ((main, 2), (other, 1)):
        for _ in range(count):
            member.wards.append(_child(member))
    _share(main, other)
    with transaction.atomic():
        put_trials(main, other)
        put_records(main, other)
        for member in family.members:
            void_all(subject=member.id)
    return family


def _member() -> Member:
    """A guardian of a number that no guardian has; their mark stands in nobody else's texts."""
    mark = "金丝雀" + "".join(secrets.choice(_LETTERS) for _ in range(5))
    number = f"+861990{secrets.randbelow(10**7):07d}"
    while find_guardian(phone=number) is not None:
        number = f"+861990{secrets.randbelow(10**7):07d}"
    with transaction.atomic():
        user = register(phone=number, channel=Channel.WEB)
        agree(user=user, agreements=current_versions(), channel=Channel.WEB)
    return Member(id=user.pk, phone=number, mark=mark)


def _child(member: Member) -> UUID:
    guardian = User.objects.get(pk=member.id)
    rules = {"children": notice("children").version}
    name = member.mark[3:] + _LETTERS[len(member.wards)]
    return add_child(
        guardian=guardian, nickname=name, birth_month=_BORN, agreements=rules, channel=Channel.WEB
    )


def _share(main: Member, other: Member) -> None:
    """One invitation accepted, one that waits."""
    guardian, joining = User.objects.get(pk=main.id), User.objects.get(pk=other.id)
    first, second = (Child.objects.get(pk=child).public_id for child in main.wards)
    token = invite_guardian(guardian=guardian, public_id=first).token
    rules = {"children": notice("children").version}
    accept_invitation(guardian=joining, token=token, agreements=rules, channel=Channel.WEB)
    invite_guardian(guardian=guardian, public_id=second)

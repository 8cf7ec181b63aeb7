"""What guardians type about a child, cleaned: a nickname, and a month without a day."""

import re
import unicodedata
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.minors.ages import LAST_MONTH_OF_A_MINOR, months_between
from privacy.minors.exceptions import ChildInvalid

NICKNAME_LENGTH = 12  # characters
_LONGEST = 60  # characters worth reading before saying that it is too long
_A_NUMBER = 6  # digits, as many as a number of any kind begins to be one with
# Spaces of every width, characters that change direction or take no room, controls.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_MONTH = re.compile(r"([0-9]{4})(?:[-/.]|年)?([0-9]{1,2})月?\Z")
_DAY = re.compile(r"([0-9]{4})(?:[-/.]|年)?[0-9]{1,2}(?:[-/.]|月)?[0-9]{1,2}日?\Z")
_ADDRESS = re.compile(r"@|https?:|www\.", re.IGNORECASE)

NO_NICKNAME = _("请填孩子的小名")
TOO_LONG = _("小名最多 12 个字，请短一点")
A_NUMBER = _("这里只写小名就好，请不要填号码、证件号或网址")
NO_MONTH = _("请填出生年月，例如 2020-05")
A_DAY = _("只填到月就好，不用填哪一天，例如 2020-05")
TO_COME = _("这个月份还没有到，请再看一眼")
GROWN_UP = _("这里只为未满 18 岁的孩子安排试听，请再看一眼年份")


def nickname_from(text: str) -> str:
    """The nickname in ``text``, one spelling for what looks the same. Raises ChildInvalid."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    nickname = " ".join(_UNSEEN.sub("", plain).split())
    if not nickname or not any(character.isprintable() and character != " " for character in nickname):
        raise ChildInvalid("nickname", NO_NICKNAME)
    # 一三八 counts as digits too; a nickname of one digit and a letter does not look like a number.
    numerals = sum(character.isnumeric() for character in nickname)
    only_digits = all(character.isdecimal() or not character.isalnum() for character in nickname)
    has_digits = any(character.isdecimal() for character in nickname)
    if numerals >= _A_NUMBER or (has_digits and only_digits) or _ADDRESS.search(nickname):
        raise ChildInvalid("nickname", A_NUMBER)
    if len(nickname) > NICKNAME_LENGTH or len(text) > _LONGEST:
        raise ChildInvalid("nickname", TOO_LONG)
    return nickname


def month_from(typed: str | date | None) -> date:
    """The first day of the month in ``typed`` (``2020-05`` in its usual spellings). Raises ChildInvalid.

    A month still to come, or one whose child is grown up today in Shanghai, is refused; so is a whole
    birthday, which is not asked for.
    """
    month = typed.replace(day=1) if isinstance(typed, date) else _read(typed or "")
    months = months_between(month, timezone.localdate())
    if months < 0:
        raise ChildInvalid("birth_month", TO_COME)
    if months > LAST_MONTH_OF_A_MINOR:
        raise ChildInvalid("birth_month", GROWN_UP)
    return month


def _read(text: str) -> date:
    plain = "".join(_UNSEEN.sub("", unicodedata.normalize("NFKC", text[:_LONGEST])).split())
    if found := _MONTH.match(plain):
        try:
            return date(int(found[1]), int(found[2]), 1)
        except ValueError as error:
            raise ChildInvalid("birth_month", NO_MONTH) from error
    raise ChildInvalid("birth_month", A_DAY if _DAY.match(plain) else NO_MONTH)

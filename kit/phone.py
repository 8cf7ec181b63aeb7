"""Mainland mobile numbers: any spelling in, one spelling (E.164) out."""

import re
import unicodedata

import phonenumbers
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

_LONGEST = 64  # characters; no honest spelling comes near it, and a megabyte must cost nothing
_DIGITS = 11
_DROPPED_CATEGORIES = {"Zs", "Zl", "Zp", "Pd", "Cf"}  # spaces, dashes, zero-width marks
_DROPPED = set("\t\r\n\v\f().·−ー")  # what else people and keyboards put between groups
_PREFIX = re.compile(r"^(?:(?:\+|00)86|86(?=\d{11}$))")


class PhoneInvalid(ValueError):
    """Not a mainland mobile number. Its text is for the person and never holds what was typed."""

    def __init__(self, hint: str | Promise) -> None:
        super().__init__(hint)
        self.hint = hint


def normalise(text: object) -> str:
    """The number in E.164, ``+8613800138000``, whatever its spelling; raises PhoneInvalid.

    Full-width digits, spaces, dashes, brackets, zero-width marks and the prefixes +86, 0086 and 86 all
    count as one number. Which ranges are mobile follows the carriers' metadata in phonenumberslite.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise PhoneInvalid(_("请填 11 位的内地手机号"))
    bare = _PREFIX.sub("", _folded(text))
    if not (bare.isascii() and bare.isdigit()):
        raise PhoneInvalid(_("请填 11 位的内地手机号，只要数字"))
    if len(bare) != _DIGITS:
        raise PhoneInvalid(_length_hint(len(bare)))
    number = phonenumbers.PhoneNumber(country_code=86, national_number=int(bare))
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if bare[0] != "1" or not mobile or not phonenumbers.is_valid_number(number):
        raise PhoneInvalid(_("这个号码不像内地手机号，请再看一眼"))
    return f"+86{bare}"


def mask(e164: str) -> str:
    """``138****8000``: enough to recognise one's own number, too little to learn another's."""
    national = e164.removeprefix("+86")
    return f"{national[:3]}****{national[-4:]}"


def spoken(e164: str) -> str:
    """``138 0013 8000``, grouped as people say it."""
    national = e164.removeprefix("+86")
    return f"{national[:3]} {national[3:7]} {national[7:]}"


def _folded(text: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFKC", text):
        if character in _DROPPED or unicodedata.category(character) in _DROPPED_CATEGORIES:
            continue
        digit = unicodedata.decimal(character, None)
        kept.append(character if digit is None else str(digit))
    return "".join(kept)


def _length_hint(length: int) -> str | Promise:
    if not length:
        return _("请填 11 位的内地手机号")
    if length < _DIGITS:
        return format_lazy(_("手机号少了 {count} 位，请再看一眼"), count=_DIGITS - length)
    return format_lazy(_("手机号多了 {count} 位，请再看一眼"), count=length - _DIGITS)

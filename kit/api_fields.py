"""Fields of API bodies that pages have too: numbers and codes, in any spelling."""

import re
import unicodedata
from typing import Any

from rest_framework import serializers

from kit.phone import PhoneInvalid, normalise
from kit.problem_json import Problem

_CODE = re.compile(r"[0-9]{6}")


class PhoneField(serializers.CharField):
    """A mainland mobile, cleaned to E.164. Answers `phone_invalid`, which depends on the input alone."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return normalise(data)
        except PhoneInvalid as error:
            raise Problem(
                422, "phone_invalid", errors={self.field_name or "phone": [str(error.hint)]}
            ) from error


class CodeField(serializers.CharField):
    """Six digits, full-width or spaced as they come. Answers `code_invalid`, as a wrong code does."""

    def to_internal_value(self, data: Any) -> str:
        text = data if isinstance(data, str) and len(data) <= 64 else ""  # noqa: PLR2004  no honest code is longer
        code = "".join(unicodedata.normalize("NFKC", text).split())
        if not _CODE.fullmatch(code):
            raise Problem(422, "code_invalid")
        return code

"""Families who ask for their copy, and copies opened as people open them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyzipper

from accounts.models import User
from privacy.actors import Actor
from privacy.rights.enums import Entrance, Identity, RequestKind
from privacy.rights.models import DataSubjectRequest, ExportPackage
from privacy.rights.services.export.making import make, request_export
from privacy.rights.services.export.taking import fetch, open_ticket, password_of
from privacy.rights.services.filing import Asked, file_request
from tests.children import a_child
from tests.families import a_guardian
from tests.people import new_phone

FORMULA = "=A+B<b>\"'&"  # a nickname that is a formula to a spreadsheet and a tag to a browser
SCRIPT = (
    "<script>alert(1)</script>\n@SUM(1+1)*cmd|' /C calc'!A0\r\n</dd></section><img src=x onerror=alert(2)>"
)


@dataclass(frozen=True)
class Family:
    """A guardian with a number, a child and something they wrote to us."""

    guardian: User
    phone: str
    nickname: str

    @property
    def acting(self) -> Actor:
        return Actor("guardian", self.guardian.pk)


def a_family(nickname: str = "小豆包", words: str = "请问我的孩子几岁可以来") -> Family:
    """A family with rows in every database."""
    phone = new_phone()
    guardian = a_guardian(phone)
    a_child(guardian, nickname=nickname)
    a_request(guardian, RequestKind.QUESTION, words)
    return Family(guardian, phone, nickname)


def a_request(
    guardian: User, kind: RequestKind = RequestKind.EXPORT, words: str = "", **asked: Any
) -> DataSubjectRequest:
    """What a guardian who is signed in asks of us."""
    return file_request(
        asked=Asked(kinds=[kind], words=words, **asked),
        subject_id=guardian.pk,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=Actor("guardian", guardian.pk),
    ).request


def queued(family: Family, **asked: Any) -> ExportPackage:
    """A package that nobody has begun to make."""
    return request_export(request=a_request(family.guardian, **asked))


def made(family: Family, **asked: Any) -> ExportPackage:
    """A package as a worker makes it."""
    package = queued(family, **asked)
    make(package_id=package.pk)
    package.refresh_from_db()
    return package


def zip_of(package: ExportPackage, family: Family) -> bytes:
    """The zip as it is downloaded."""
    token = open_ticket(package=package, by=family.acting)
    return b"".join(fetch(token=token, by=family.acting))


def opened(package: ExportPackage, family: Family) -> dict[str, bytes]:
    """Every member by name, as a tool that knows the password opens them."""
    password = password_of(package=package, by=family.acting)
    with pyzipper.AESZipFile(io.BytesIO(zip_of(package, family))) as archive:
        archive.setpassword(password.encode())
        return {name: archive.read(name) for name in archive.namelist()}


def tables(members: dict[str, bytes]) -> dict[str, list[dict[str, str]]]:
    """The data of a package, by table."""
    data = {
        name: content
        for name, content in members.items()
        if name.startswith("data/") and name.endswith(".json")
    }
    return {
        name.removeprefix("data/").removesuffix(".json"): json.loads(content)
        for name, content in data.items()
    }


def cells(content: bytes) -> Iterable[str]:
    """Every cell of a CSV file, read as spreadsheets read it."""
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        yield from row

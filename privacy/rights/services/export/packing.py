"""Packing: everything into one zip under a password (AES-256), with a signed list of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyzipper
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from privacy.keystore.signing import key_fingerprint, public_key_pem, sign
from privacy.rights.models import ExportPackage, ExportStep
from privacy.rights.services.export import around
from privacy.rights.services.export.collecting import collected
from privacy.rights.services.export.page import page
from privacy.rights.services.export.parts import ZIP, Parts
from privacy.rights.services.export.sources import Source
from privacy.rights.services.export.working import Work
from privacy.rights.services.export.writing import written

Members = Iterator[tuple[str, Iterable[bytes]]]
FORMAT = "leap-export/1"


def pack(work: Work, parts: Parts, package: ExportPackage, sources: Sequence[Source], password: str) -> None:
    """Make the zip and seal it as a part of this attempt's own, not placed yet. Raises LeaseLost.

    Zip tools want to go back in a file they write, so it is written aside, under its password, and then
    sealed.
    """
    aside = parts.unplaced("aside", work.attempt)
    hashes: dict[str, dict[str, object]] = {}
    with pyzipper.AESZipFile(aside, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, chunks in _members(parts, package, sources):
            hashes[name] = _put(work, archive, name, chunks)
        manifest = around.as_json(_manifest(package, hashes))
        for name, content in (("manifest.json", manifest), ("manifest.sig", sign(manifest))):
            _put(work, archive, name, [content])
    with aside.open("rb") as plain, parts.making(ZIP, work.attempt) as sealed:
        while chunk := plain.read(1 << 20):
            sealed.write(chunk)
            work.beat()
    aside.unlink()


def _put(work: Work, archive: pyzipper.AESZipFile, name: str, chunks: Iterable[bytes]) -> dict[str, object]:
    """Write one member; what the manifest says of it."""
    digest, length = hashlib.sha256(), 0
    with archive.open(name, "w") as member:
        for chunk in chunks:
            member.write(chunk)
            digest.update(chunk)
            length += len(chunk)
            work.beat()
    return {"sha256": digest.hexdigest(), "bytes": length}


def _members(parts: Parts, package: ExportPackage, sources: Sequence[Source]) -> Members:
    """Every member but the manifest, in the order in which people look."""
    tables = {source.name: source.title for source in sources if source.is_table}
    yield "index.html", page(package, parts, tables, offline=True)
    yield "package.css", [_stylesheet()]
    for source in sources:
        if source.is_table:
            yield f"data/{source.name}.json", parts.read(written(source.name, "json"))
            yield f"data/{source.name}.csv", parts.read(written(source.name, "csv"))
            yield f"schema/{source.name}.json", [around.as_json(around.schema_of(source))]
        else:
            for name, content in around.receipts(parts.lines(collected(source.name))):
                yield name, [content]
    yield "sharing.json", [around.as_json(around.sharing())]
    yield "excluded.json", [around.as_json(around.left_out())]
    yield "signing-key.pem", [public_key_pem()]


def _stylesheet() -> bytes:
    found = finders.find("css/package.css")
    if not isinstance(found, str):
        raise FileNotFoundError("css/package.css")
    return Path(found).read_bytes()


def _manifest(package: ExportPackage, hashes: dict[str, dict[str, object]]) -> dict[str, object]:
    steps = list(ExportStep.objects.filter(package=package))
    return {
        "format": FORMAT,
        "request": package.request.reference,
        "made_at": timezone.localtime().isoformat(),
        "inventory": around.inventory_version(),
        "as_of": {step.area: timezone.localtime(step.as_of).isoformat() for step in steps if step.as_of},
        "rows": {step.area: step.rows for step in steps},
        "members": hashes,
        "signed_by": {
            "algorithm": "Ed25519",
            "key_sha256": key_fingerprint(),
            "key_address": f"{settings.PUBLIC_URL}{reverse('rights:signing_key')}",
        },
    }

"""Proves a certificate of erasure offline: that it is ours and unchanged. Asks no store."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.erasure.exceptions import CertificateInvalid
from privacy.erasure.services.certifying import read_file


class Command(BaseCommand):
    help = "Prove that a certificate of erasure is ours and unchanged; exit 1 where it is not."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the certificate as it was downloaded, or - for standard input")
        parser.add_argument("--key", help="a public key as PEM; by default the one of this installation")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = sys.stdin.buffer.read() if options["file"] == "-" else Path(options["file"]).read_bytes()
            public_pem = Path(options["key"]).read_bytes() if options["key"] else None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        try:
            told = read_file(file, public_pem=public_pem)
        except CertificateInvalid as error:
            raise CommandError(f"not valid: {error}") from error
        lines = (
            f"valid: certificate {told['certificate']} version {told['version']}",
            f"issued {told['issued_at']} by {told['issued_by']}",
            f"unreadable since {told['unreadable_at']}",
            f"in backups until {told['final_at'] or told['final_by']}",
            f"deleted: {_counted(told['deleted'])}",
            f"kept: {_counted(told['kept'])}",
        )
        self.stdout.write("\n".join(lines))


def _counted(lines: list[dict[str, Any]]) -> str:
    return ", ".join(f"{line['title']} {line['count']}" for line in lines) or "nothing"

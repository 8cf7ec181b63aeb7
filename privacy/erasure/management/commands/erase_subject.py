"""Erases one account from the command line: by number from standard input, or by subject id."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from kit.phone import PhoneInvalid, normalise
from privacy import ports
from privacy.actors import SYSTEM
from privacy.erasure.enums import Reason, Scope
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.asking import ask_and_begin
from privacy.erasure.services.planning import Preview, preview
from privacy.erasure.services.running import run
from privacy.keystore.services import key_scope


class Command(BaseCommand):
    help = "Erase an account with the children nobody else looks after; the number comes by standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subject", type=UUID, help="the subject id, where no number is given")
        parser.add_argument("--reason", choices=Reason.values, default=Reason.ASKED.value)
        parser.add_argument("--dry-run", action="store_true", help="only say what would go, and what stays")

    def handle(self, *args: Any, **options: Any) -> None:
        with key_scope():
            subject = options["subject"] or self._by_number()
            plan = preview(subject_id=subject, by=SYSTEM, scope=Scope.PERSON)
            self._say(plan)
            if options["dry_run"]:
                return
            try:
                job = ask_and_begin(subject_id=subject, reason=Reason(options["reason"]), by=SYSTEM)
            except ErasureRefused as refused:
                raise CommandError(refused.message) from refused
        ended = run(job_id=job.pk)
        self._report(ErasureJob.objects.get(pk=job.pk), ended=ended)

    def _by_number(self) -> UUID:
        try:
            number = normalise(sys.stdin.readline())
        except PhoneInvalid as invalid:
            raise CommandError(str(invalid)) from None
        subject = ports.get("account_of").of_number(number)
        if subject is None:
            raise CommandError("nobody has that number")
        return subject

    def _say(self, plan: Preview) -> None:
        for line in plan.lines:
            until = f" until {line.kept_until} ({line.source})" if line.source else ""
            self.stdout.write(f"{line.count:6} {line.title}: {line.deed}{until}")
        for text in (*plan.ends, *plan.unfinished):
            self.stdout.write(f"       {text}")
        self.stdout.write(f"digest {plan.digest}")

    def _report(self, job: ErasureJob, *, ended: bool) -> None:
        for step in job.steps.all():
            self.stdout.write(f"{step.name:10} {step.state:8} {step.rows:6} {step.failure}")
        if not ended:
            raise CommandError(f"erasure {job.pk} goes on: a worker takes it up again")
        self.stdout.write(
            f"erasure {job.pk}: {job.state}, unreadable since {job.unreadable_at:%Y-%m-%d %H:%M}"
        )

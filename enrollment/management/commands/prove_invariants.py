"""`manage.py prove_invariants`: every law of the seat ledger, asked of the live rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrollment.services.invariants import keep_proof
from enrollment.services.laws import LAWS


class Command(BaseCommand):
    """A line for each law and how many rows break it; what came of it is kept for the back office."""

    help = "核对座位账：每条规则逐条重新计算，有不成立的就以 1 退出"

    def handle(self, *args: Any, **options: Any) -> None:
        proof = keep_proof()
        for law in LAWS:
            finding = proof.found[law.name]
            self.stdout.write(f"{'✗' if finding.count else '✓'} {law.name}: {finding.count}  {law.words}")
            for row in finding.sample:
                self.stdout.write(f"    {row}")
        took = (proof.finished_at - proof.started_at).total_seconds()
        if not proof.holds:
            raise CommandError(f"{len(proof.broken)} of {len(LAWS)} laws are broken ({took:.1f} s)")
        self.stdout.write(f"all {len(LAWS)} laws hold ({took:.1f} s)")

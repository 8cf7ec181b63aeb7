"""Fills the product whose environment this runs in and says what to look at: `-m bench.fill 1000000`."""

import contextlib
import json
import sys
from dataclasses import asdict

import django

if __name__ == "__main__":
    django.setup()

    from bench.rows import fill

    with contextlib.redirect_stdout(sys.stderr):  # progress; what we were asked for stays alone
        shown = fill(bookings=int(sys.argv[1]))
    sys.stdout.write(json.dumps(asdict(shown)))

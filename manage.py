#!/usr/bin/env python
"""The command line. `up` runs everything; any other command finds or starts the stores it needs."""

import os
import sys


def main() -> int:
    """Runs one command. Returns the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leap.settings")
    try:
        import django  # noqa: F401  asked for first, so that its absence is said plainly
    except ModuleNotFoundError:
        sys.stderr.write(
            "Django is not installed for this Python. Run `make setup`, then .venv/bin/python manage.py …\n"
        )
        return 1
    from leap.services import start
    from leap.services.commands import services_for
    from leap.services.trouble import CannotStart

    arguments = sys.argv[1:]
    if arguments == ["up"]:
        return start.main()
    try:
        with services_for(arguments):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except CannotStart as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

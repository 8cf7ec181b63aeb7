"""What stops a start: an error that reads as a sentence saying what to do."""


class CannotStart(Exception):
    """The start has to stop; the message says why and what helps."""


class Stopped(Exception):
    """Somebody asked for the end (SIGINT, SIGTERM or SIGHUP). Not an error."""

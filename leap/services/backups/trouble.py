"""What can go wrong with a backup: errors that read as a sentence saying what to do."""


class BackupTrouble(Exception):
    """A backup cannot be made or restored; the message says why and what helps, and holds nobody's data."""

"""When the last copy of a wrapped key is worthless: promised first, then reached."""

from __future__ import annotations

from datetime import timedelta

# Keys of keys roll weekly, and the last one goes once the key store's backups are a week old.
WINDOW = timedelta(days=14)

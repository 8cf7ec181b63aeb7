"""Where sessions stand: rows that say whose they are, so that a person's end with one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DjangosStore

from accounts.models import Session


class SessionStore(DjangosStore):
    """As Django's in the database, with the account beside the packed data."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Ours."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row as it is written; a browser where nobody is signed in is nobody's."""
        row, account = super().create_model_instance(data), data.get(SESSION_KEY)
        return Session(
            session_key=row.session_key,
            session_data=row.session_data,
            expire_date=row.expire_date,
            account_id=UUID(account) if account else None,
        )

"""What other layers have us tell people about their requests."""

from collections.abc import Mapping
from uuid import UUID

from messaging.recipients import Recipient
from messaging.services import RIGHTS, queue_message
from privacy.keystore.services import restricted_allowed


class Notices:
    """Provider of the port `notifier`."""

    def notify(
        self,
        *,
        template: str,
        kind: str,
        id: UUID,  # noqa: A002  the port's word
        subject: UUID,
        parameters: Mapping[str, str],
    ) -> None:
        """Queue a notice in the caller's transaction."""
        with restricted_allowed({subject}):
            queue_message(
                template=template,
                recipient=Recipient(kind, id, subject),
                parameters=parameters,
                purpose=RIGHTS,
            )

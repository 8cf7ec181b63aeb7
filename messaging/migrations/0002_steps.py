"""The database holds the state machine of messages."""

from django.db import migrations

from kit.state_trigger import state_trigger


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [
        state_trigger(
            "messaging_message",
            "state",
            "message",
            {
                "queued": ["leased", "void"],
                "leased": ["sending", "failed", "void"],
                "sending": ["sent", "failed", "unknown", "queued"],
            },
        )
    ]

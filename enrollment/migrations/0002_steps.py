"""The database holds the state machine of bookings, and keeps what happened to them."""

from django.db import migrations

from kit.state_trigger import state_trigger
from privacy.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_initial"), ("audit", "0001_initial")]

    operations = [
        state_trigger("enrollment_trialbooking", "state", "booking", {"requested": ["cancelled"]}),
        append_only("enrollment_bookingevent"),
    ]

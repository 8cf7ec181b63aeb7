"""Indexes for what the clock asks each minute: classes that begin or end, and who was checked in to them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("enrollment", "0004_seat_ledger")]

    operations = [
        migrations.RemoveIndex(model_name="classsession", name="session_open"),
        migrations.AddIndex(
            model_name="classsession",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "closed", "started"])),
                fields=["starts_at", "id"],
                name="session_ahead",
            ),
        ),
        migrations.AddIndex(
            model_name="trialbooking",
            index=models.Index(
                condition=models.Q(("state", "checked_in")), fields=["session"], name="booking_checked_in"
            ),
        ),
    ]

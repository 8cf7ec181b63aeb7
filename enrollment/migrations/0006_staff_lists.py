"""Indexes for what the back office lists: classes from a day on at any campus, and bookings of a state."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("enrollment", "0005_class_clock")]

    operations = [
        migrations.AddIndex(
            model_name="classsession",
            index=models.Index(fields=["local_date"], name="session_day_anywhere"),
        ),
        migrations.AddIndex(
            model_name="trialbooking",
            index=models.Index(fields=["state", "-created_at", "-id"], name="booking_state"),
        ),
    ]

"""What keeps lists quick among many past classes and bookings: of open classes, of a day, of a state."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("enrollment", "0005_class_clock")]

    operations = [
        migrations.AddField(
            model_name="classsession",
            name="open_until",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(models.When(state="open", then=models.F("booking_closes_at"))),
                output_field=models.DateTimeField(null=True),
            ),
        ),
        migrations.AddIndex(
            model_name="classsession",
            index=models.Index(
                condition=models.Q(("open_until__isnull", False)),
                fields=["starts_at", "id"],
                name="session_open",
            ),
        ),
        migrations.AddIndex(
            model_name="classsession",
            index=models.Index(
                condition=models.Q(("open_until__isnull", False)),
                fields=["campus", "starts_at", "id"],
                name="session_open_campus",
            ),
        ),
        migrations.AddIndex(
            model_name="classsession",
            index=models.Index(fields=["local_date"], name="session_day_anywhere"),
        ),
        migrations.AddIndex(
            model_name="trialbooking",
            index=models.Index(fields=["state", "-created_at", "-id"], name="booking_state"),
        ),
    ]

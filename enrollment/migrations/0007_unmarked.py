"""A booking whose class went by with nobody noting who came no longer bars the family from the course."""

from django.db import migrations, models

_ACTIVE = ("state__in", ["booked", "checked_in", "held"])


class Migration(migrations.Migration):

    dependencies = [("enrollment", "0006_staff_lists")]

    operations = [
        migrations.AddField(
            model_name="trialbooking",
            name="lapsed_at",
            field=models.DateTimeField(null=True, verbose_name="下课后仍未登记"),
        ),
        migrations.AddIndex(
            model_name="trialbooking",
            index=models.Index(
                condition=models.Q(("lapsed_at", None), ("state", "booked")),
                fields=["session"],
                name="booking_unmarked",
            ),
        ),
        migrations.RemoveConstraint(model_name="trialbooking", name="one_active_trial"),
        migrations.RemoveConstraint(model_name="trialbooking", name="one_active_trial_unnamed"),
        migrations.AddConstraint(
            model_name="trialbooking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lapsed_at", None), _ACTIVE, ("child_id__isnull", False)),
                fields=("child_id", "course"),
                name="one_active_trial",
            ),
        ),
        migrations.AddConstraint(
            model_name="trialbooking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lapsed_at", None), _ACTIVE, ("child_id", None)),
                fields=("guardian", "course"),
                name="one_active_trial_unnamed",
            ),
        ),
    ]

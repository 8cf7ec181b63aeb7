"""Messages with an offer, and what a message is about found quickly."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_matters")]

    operations = [
        migrations.RemoveConstraint("message", "message_category_known"),
        migrations.AddConstraint(
            "message",
            models.CheckConstraint(
                condition=models.Q(category__in=["essential", "service", "marketing"]),
                name="message_category_known",
            ),
        ),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["about_id", "template"],
                name="message_about",
                condition=models.Q(about_id__isnull=False),
            ),
        ),
    ]

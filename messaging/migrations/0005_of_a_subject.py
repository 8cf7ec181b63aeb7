"""Everything written to a person, found without looking through the outbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_about")]

    operations = [
        migrations.AddIndex(
            "message", models.Index(fields=["subject_id"], name="message_subject")
        )
    ]

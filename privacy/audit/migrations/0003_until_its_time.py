"""Deeds lose whose they were when somebody is erased, and go after their three years."""

from django.db import migrations, models
from django.db.models import Q

from privacy.audit.append_only import until_its_time


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_true_rows")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["actor_id"], name="audit_by_actor", condition=Q(actor_id__isnull=False)
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["target"],
                name="audit_about_somebody",
                condition=Q(target__startswith="accounts.user/") | Q(target__startswith="minors.child/"),
            ),
        ),
        until_its_time("audit_auditevent", since="at", ids=("subject_id", "actor_id", "target", "detail")),
    ]

"""Decisions lose whose they were when somebody is erased, and go after their three years."""

from django.db import migrations

from privacy.audit.append_only import until_its_time


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_about_children"), ("audit", "0003_until_its_time")]

    operations = [until_its_time("consent_consentrecord", since="at", ids=("subject_id", "concerning_id"))]

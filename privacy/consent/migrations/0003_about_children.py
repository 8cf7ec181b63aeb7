from django.db import migrations, models

_NAMED_OR_REFUSED = models.Q(("state", "refused"), ("concerning_id__isnull", False), _connector="OR")


class Migration(migrations.Migration):

    dependencies = [("consent", "0002_operator")]

    operations = [
        migrations.RemoveConstraint(model_name="consentrecord", name="consent_role_known"),
        migrations.RemoveIndex(model_name="consentrecord", name="consent_standing"),
        migrations.AddField(
            model_name="consentrecord",
            name="concerning_id",
            field=models.UUIDField(null=True, verbose_name="哪个孩子"),
        ),
        migrations.AddIndex(
            model_name="consentrecord",
            index=models.Index(
                fields=["subject_id", "purpose", "concerning_id", "-at", "-id"], name="consent_of_subject"
            ),
        ),
        migrations.AddIndex(
            model_name="consentrecord",
            index=models.Index(
                condition=models.Q(("concerning_id__isnull", False)),
                fields=["concerning_id", "-at", "-id"],
                name="consent_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("acting_role__in", ["guardian_or_authorised", "guardian"])),
                name="consent_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("purpose", "children"), _negated=True), ("concerning_id", None)),
                    models.Q(("acting_role", "guardian"), ("purpose", "children"), _NAMED_OR_REFUSED),
                    _connector="OR",
                ),
                name="consent_for_a_child_names_it",
            ),
        ),
    ]

"""A class is called off only once nobody has a seat in it: its families are let go, and told, first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0009_queue")]

    operations = [
        migrations.AddConstraint(
            model_name="classsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "cancelled"), _negated=True) | models.Q(("seats_taken", 0)),
                name="nobody_left_in_a_called_off_class",
            ),
        ),
    ]

"""A correction outlives the guardian who made it, where the child has another: then nobody is named."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("minors", "0005_marks")]

    operations = [
        migrations.AlterField(
            model_name="childcorrection", name="by_id", field=models.UUIDField(null=True)
        )
    ]

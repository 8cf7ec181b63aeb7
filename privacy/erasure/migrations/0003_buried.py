"""Under which number of the ledger somebody is buried."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("erasure", "0002_unlink_and_purge")]

    operations = [
        migrations.AddField(
            model_name="erasuresubject", name="entry", field=models.BigIntegerField(null=True)
        ),
    ]

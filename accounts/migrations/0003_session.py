"""Sessions that say whose they are; those of the framework's own table end."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_confirm")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("account_id", models.UUIDField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "登录状态",
                "verbose_name_plural": "登录状态",
                "indexes": [
                    models.Index(
                        condition=Q(("account_id__isnull", False)),
                        fields=["account_id"],
                        name="session_of_account",
                    )
                ],
            },
        ),
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
    ]

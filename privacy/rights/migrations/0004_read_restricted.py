"""Who may read what is restricted, for a purpose that the law names."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rights", "0003_approvals")]

    operations = [
        migrations.AlterModelOptions(
            name="restriction",
            options={
                "permissions": [("read_restricted", "为法定目的读取限制处理的信息")],
                "verbose_name": "限制处理",
                "verbose_name_plural": "限制处理",
            },
        ),
    ]

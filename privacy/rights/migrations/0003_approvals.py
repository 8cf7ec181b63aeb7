"""Who may approve what somebody else wrote."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rights", "0002_laws")]

    operations = [
        migrations.AlterModelOptions(
            name="datasubjectrequest",
            options={
                "permissions": [("approve_plan", "批准列出的要做的事")],
                "verbose_name": "个人信息请求",
                "verbose_name_plural": "个人信息请求",
            },
        ),
        migrations.AlterModelOptions(
            name="refusal",
            options={
                "permissions": [
                    ("approve_refusal", "同意别人提出的不能办的理由"),
                    ("call_excessive", "认定一再提出的请求为无端重复"),
                ],
                "verbose_name": "不能办的理由",
                "verbose_name_plural": "不能办的理由",
            },
        ),
    ]

from django.db import migrations

ABILITIES = [
    ("思辨", "Critical thinking", "先问一句为什么"),
    ("创造", "Creation", "手边有什么，就用什么做出来"),
    ("沟通", "Communication", "说得清楚，也听得明白"),
    ("合作", "Cooperation", "轮到别人时，搭一把手"),
    ("文化理解", "Cultural understanding", "懂得自己从哪里来，也愿意看看别处"),
]


def write(apps, schema_editor):
    """The one row of texts, with the words its columns begin with; the abilities; the group's own site."""
    apps.get_model("website", "SiteText").objects.create(id=1)
    ability = apps.get_model("website", "Ability")
    for position, (name, english_name, line) in enumerate(ABILITIES, start=1):
        ability.objects.create(name=name, english_name=english_name, line=line, position=position)
    apps.get_model("website", "FriendLink").objects.create(name="好未来", address="https://www.100tal.com/")


class Migration(migrations.Migration):

    dependencies = [
        ('website', '0001_content'),
    ]

    operations = [
        migrations.RunPython(write, migrations.RunPython.noop),
    ]

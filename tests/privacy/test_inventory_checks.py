"""No start with a field that nobody declared, or that is not guarded as it must be."""

import ast
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from privacy.inventory import lock
from privacy.inventory.checks import findings
from tests.privacy.scratch_project import start

GOOD = """
class Note(SealedModel):
    id = plain(models.UUIDField(primary_key=True, default=uuid7))
    owner_id = plain(models.UUIDField())
    text = SealedText("extra.text", "user.content", grade=3, sensitive="free_text", **W)
    phone = SealedPhone("extra.phone", "user.phone", grade=3, sensitive="number", label="number", **W)
    phone_index = BlindIndex("extra.phone")
    objects = SealedManager()
    class Privacy:
        subject = "owner_id"
"""


def errors(output: str) -> set[tuple[str, str]]:
    """(id, sentence) of each error Django printed, without those of the lock, which knows none."""
    found = re.findall(r"\((privacy\.E\d+)\) (.*)", output)
    return {(code, text) for code, text in found if code != "privacy.E012"}


def test_the_product_is_declared_whole() -> None:
    assert findings() == []


def test_a_well_declared_app_wants_nothing_but_the_lock(tmp_path: Path) -> None:
    done = start(tmp_path, GOOD)
    assert done.returncode == 1
    assert errors(done.stderr) == set(), done.stderr
    assert re.findall(r"The id '(.+?)' is not in inventory.lock", done.stderr) == [
        "extra.phone",
        "extra.phone.index",
        "extra.text",
    ]
    assert "--write-lock" in done.stderr


RUNS = {
    "check": ("-m", "django", "check"),
    "migrate": ("-m", "django", "migrate", "--plan"),
    "refuse_undeclared": (
        "-c",
        "import django; django.setup(); from privacy.inventory import checks; checks.refuse_undeclared()",
    ),
}
FIELDS = {"a": "CharField(max_length=5)", "b": "TextField()", "c": "JSONField()", "d": "IntegerField()"}


@pytest.mark.parametrize("run", RUNS)
def test_an_undeclared_field_stops_the_start(tmp_path: Path, run: str) -> None:
    bare = "".join(f"    {name} = models.{field}\n" for name, field in FIELDS.items())
    done = start(tmp_path, GOOD + bare, *RUNS[run])
    assert done.returncode == 1
    assert re.findall(r"extra\.Note\.(\w+) is not declared", done.stderr) == list(FIELDS)


def test_declaring_the_fields_is_all_it_takes(tmp_path: Path) -> None:
    declared = "".join(f"    {name} = plain(models.{field})\n" for name, field in FIELDS.items())
    assert errors(start(tmp_path, GOOD + declared).stderr) == set()


UNDECLARED = """
class Base(models.Model):
    id = plain(models.UUIDField(primary_key=True, default=uuid7))
    inherited = models.TextField()
    class Meta:
        abstract = True

class Child(Base):
    links = models.ManyToManyField("Tag")

class Tag(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    tagged = models.ManyToManyField(Child, through="Through", related_name="+")

class Through(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    child = plain(models.ForeignKey(Child, models.CASCADE))
    tag = models.ForeignKey(Tag, models.CASCADE)

class Deeper(Tag):
    more = models.TextField()

class NoKey(models.Model):
    pass

class Unmanaged(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    seen = models.TextField()
    class Meta:
        managed = False

class Proxy(Unmanaged):
    class Meta:
        proxy = True
"""


def test_undeclared_wherever_it_hides(tmp_path: Path) -> None:
    found = errors(start(tmp_path, UNDECLARED).stderr)
    assert {text.removesuffix(" is not declared.") for code, text in found if code == "privacy.E001"} == {
        "extra.Child.inherited",
        "extra.Child.links",
        "extra.Child_links.id",
        "extra.Child_links.child",
        "extra.Child_links.tag",
        "extra.Tag.tagged",
        "extra.Through.tag",
        "extra.Deeper.more",
        "extra.Deeper.tag_ptr",
        "extra.NoKey.id",
        "extra.Unmanaged.seen",
    }


def test_a_third_partys_models_count(tmp_path: Path) -> None:
    done = start(tmp_path, GOOD, "-m", "django", "check", "--settings", "third_settings")
    assert (
        "No module named 'third_settings'" in done.stderr
    )  # the control: settings are really ours to choose
    (tmp_path / "third_settings.py").write_text(
        'from extra_settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.sites"]\n'
    )
    done = start(tmp_path, GOOD, "-m", "django", "check", "--settings", "third_settings")
    assert ("privacy.E001", "sites.Site.domain is not declared.") in errors(done.stderr)


WRONG = """
class Plain(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    owner_id = plain(models.UUIDField())
    number = personal(models.TextField(), "w.number", "user.phone", grade=2, sensitive="number", **W)
    silent = personal(models.TextField(), "w.silent", "user.name", grade=2, export=False, **W)
    both = personal(models.TextField(), "w.both", "user.name", grade=2, withheld="x", label="both", **W)
    whose = personal(models.UUIDField(), "w.whose", "user.unique_id", grade=2, label="whose", **W)
    grave = personal(models.TextField(), "w.grave", "user.health", grade=3, label="grave", **W)
    token = personal(models.TextField(), "w.token", "credential", grade=3, unsealed_because="hash", label="t", **W)
    lost = personal(models.TextField(), "w.lost", "name", grade=2, why="nothing", keep="never", title="x")
    mute = personal(models.TextField(), "w.mute", "user.name", grade=2, why="account", keep="account")
    twin = personal(models.TextField(), "w.mute", "user.name", grade=2, **W)
    class Privacy:
        subject = "owner_id"

class Nobody(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    about = personal(models.TextField(), "w.about", "user.name", grade=2, **W)

class Astray(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    link = plain(models.ForeignKey(Nobody, models.CASCADE))
    about = personal(models.TextField(), "w.astray", "user.name", grade=2, **W)
    class Privacy:
        subject = "link.id"

class Bare(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    owner_id = plain(models.UUIDField())
    text = SealedText("w.text", "user.content", grade=2, **W)
    index = BlindIndex("w.other")
    class Meta:
        ordering = ["-text"]
    class Privacy:
        subject = "owner_id"

class Crossing(models.Model):
    id = plain(models.BigAutoField(primary_key=True))
    key = plain(models.ForeignKey("keystore.SubjectKey", models.CASCADE, db_constraint=False))
"""
BESIDE = """
from datetime import timedelta
from privacy.inventory.declarations import Keep, ModelRule, Plain, Store
from privacy.inventory.registry import declare, declare_model, register_keep, register_store
declare("extra.Gone", "name", Plain("x"))
declare("extra.Bare", "gone", Plain("x"))
declare("extra.Bare", "owner_id", Plain("x"))
declare_model("extra.Gone", ModelRule())
year = timedelta(days=365)
soon = {"period": year, "reason": "statute"}
register_keep(Keep("w_source", "x", start="x", floor=year, ceiling=year, source=" ", **soon))
register_keep(Keep("w_floor", "x", start="x", floor=year, ceiling=timedelta(1), source="x", **soon))
register_keep(Keep("w_late", "x", start="x", floor=timedelta(0), ceiling=timedelta(1), source="x", **soon))
register_store(Store("w_log", "x", "x", why="nothing", keep="never"))
"""
ADMIN = """
from django.contrib import admin
from extra.models import Bare
from privacy.audit.model_admin import AuditedModelAdmin
from privacy.inventory.masking import masked
@admin.register(Bare)
class BareAdmin(AuditedModelAdmin):
    list_display = ["id", masked("text")]
    search_fields = ["text__contains"]
"""


@pytest.mark.clause("L-PP-1-6", "X2-1.7")
def test_every_fault_is_named(tmp_path: Path) -> None:
    found = errors(start(tmp_path, WRONG, personal_data=BESIDE, admin=ADMIN).stderr)
    assert found == {
        ("privacy.E001", "extra.Bare.index is not declared."),
        ("privacy.E002", "extra.gone.name is declared and does not exist."),
        ("privacy.E002", "extra.bare.gone is declared and does not exist."),
        ("privacy.E002", "extra.bare.owner_id is declared twice, in the field and beside it."),
        ("privacy.E002", "extra.gone has rules and does not exist."),
        ("privacy.E003", "extra.Plain.twin and extra.Plain.mute share the id 'w.mute'."),
        (
            "privacy.E004",
            "extra.Plain.grave is of grade 3 and neither sealed nor a digest with a stated reason.",
        ),
        ("privacy.E005", "extra.Plain.number is sensitive (number) and not sealed."),
        ("privacy.E005", "extra.Plain.number is sensitive or sealed and its grade does not mask it."),
        ("privacy.E005", "extra.Bare.text is sensitive or sealed and its grade does not mask it."),
        ("privacy.E006", "extra.Plain.lost names the unknown purpose 'nothing'."),
        ("privacy.E006", "extra.Plain.lost names the unknown time limit 'never'."),
        ("privacy.E020", "The store 'w_log' names an unknown purpose or time limit."),
        ("privacy.E026", "Nobody looks after the store 'w_log': an erasure would pass it by."),
        ("privacy.E007", "extra.Plain.mute has no title for people to read."),
        ("privacy.E008", "extra.Nobody holds something about a person, and None does not lead to whom."),
        ("privacy.E008", "extra.Astray holds something about a person, and 'link.id' does not lead to whom."),
        ("privacy.E009", "The time limit 'w_source' names no source or no start."),
        ("privacy.E009", "The time limit 'w_floor' must be kept longer than it may."),
        ("privacy.E025", "The time limit 'w_late' is 365 days: it may be from 0 days to 1 days (x)."),
        ("privacy.E010", "extra.Bare has sealed fields: derive it from SealedModel."),
        ("privacy.E010", "extra.Bare has sealed fields: its first manager must come from SealedQuerySet."),
        (
            "privacy.E010",
            "extra.Bare has sealed fields: its primary key must be a UUID made in Python (default=uuid7).",
        ),
        ("privacy.E019", "extra.Bare.text is sealed: it can be neither unique nor sorted by."),
        ("privacy.E011", "extra.Bare.index indexes 'w.other', which is not sealed there."),
        ("privacy.E022", "extra.Plain.silent is not exported and does not say why."),
        ("privacy.E022", "extra.Plain.both is exported and says why it would not be."),
        (
            "privacy.E023",
            "extra.Plain.whose names somebody by a random id and does not say how a reader is told who that is.",
        ),
        ("privacy.E024", "extra.Plain.twin and number are both called '测试'."),
        ("privacy.E014", "extra.Plain.token is a credential and would be exported."),
        ("privacy.E018", "extra.Plain.token is a credential and not called sensitive."),
        ("privacy.E017", "extra.Crossing.key points into another database."),
        ("privacy.E016", "BareAdmin shows extra.Bare.text, which is sealed."),
    }


def test_a_port_nobody_answers_stops_the_start(tmp_path: Path) -> None:
    silence = "from privacy import ports; ports._providers.clear()"
    done = start(
        tmp_path,
        GOOD,
        "-c",
        f"import django; django.setup(); {silence}\n"
        "from privacy.inventory.checks import refuse_undeclared\nrefuse_undeclared()",
    )
    assert "No app registered a provider for the port 'address_of'" in done.stderr


LOCKED = """
import django; django.setup()
from pathlib import Path
from privacy.inventory import lock
lock.LOCK = Path({path!r})
from django.core.management import call_command
try:
    call_command("privacy_inventory", "--write-lock")
except Exception as refused:
    print(refused)
print(*lock.differences(), sep="\\n")
"""


def test_the_lock_remembers_ids_and_never_gives_one_out_twice(tmp_path: Path) -> None:
    path = tmp_path / "inventory.lock"
    path.write_bytes(lock.LOCK.read_bytes())
    write = ("-c", LOCKED.format(path=str(path)))

    done = start(tmp_path, GOOD, *write)
    assert "The id 'extra.text' is not in inventory.lock." in done.stdout
    assert re.search(r"wrote \d+ ids\n\n?$", done.stdout), done.stdout + done.stderr
    assert json.loads(path.read_text())["extra.text"]["category"] == "user.content"

    changed = start(tmp_path, GOOD.replace('"user.content"', '"user.health"'), *write)
    assert "The category of 'extra.text' was 'user.content' and is 'user.health' now." in changed.stdout

    gone = start(tmp_path, GOOD.replace("extra.text", "extra.words"), *write)
    assert "The id 'extra.text' is in inventory.lock and declared nowhere." in gone.stdout
    assert json.loads(path.read_text())["extra.text"]["retired"] is True

    back = start(tmp_path, GOOD, *write)
    assert "The id 'extra.text' was used before, for something else. Take a new one." in back.stdout
    assert json.loads(path.read_text())["extra.text"]["retired"] is True


def test_the_committed_lock_is_what_the_code_declares() -> None:
    assert list(lock.differences()) == []
    committed = {name for name, entry in lock.read().items() if not entry.get("retired")}
    assert committed == lock.current().keys()


def test_each_id_of_a_finding_belongs_to_one_check() -> None:
    by_id: dict[str, set[str]] = defaultdict(set)
    for path in Path(lock.__file__).parent.glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for found in re.findall(r"privacy\.E\d+", ast.unparse(function)):
                    by_id[found].add(f"{path.stem}.{function.name}")
    assert len(by_id) >= 20
    assert {found: places for found, places in by_id.items() if len(places) > 1} == {}

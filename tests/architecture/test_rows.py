"""Pages and the API reach somebody's rows through services and named queries, never a model's bare manager."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import Manager, QuerySet

from tests.architecture.test_sizes import ROOT, modules

# Rows about nobody: whoever asks gets the same.
PUBLIC = {"Campus", "City", "ClassSession", "ConsentNotice", "Course", "Programme"}
# Looks a booking up by its name and then judges who may open it: that is all it does.
GUARD = "enrollment/access.py"
NOT_A_PAGE = {"apps", "migrations", "tasks", "management", "addresses"}
DJANGOS_OWN = {name for name in dir(QuerySet) + dir(Manager) if not name.startswith("_")}


def page_level() -> tuple[list[Path], set[str]]:
    """The apps, and the names of their modules above services, as the import contract lays them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    inside = next(c for c in config["tool"]["importlinter"]["contracts"] if c["id"] == "inside")
    layers = [[name.strip(" ()") for name in layer.split("|")] for layer in inside["layers"]]
    services = next(number for number, layer in enumerate(layers) if "services" in layer)
    apps = [ROOT / container.replace(".", "/") for container in inside["containers"]]
    return apps, {name for layer in layers[:services] for name in layer} - NOT_A_PAGE


def pages() -> list[Path]:
    apps, names = page_level()
    # A package `views/` holds views as much as a `views.py` does.
    return [
        path
        for path in modules()
        for app in apps
        if app in path.parents and path.relative_to(app).parts[0].removesuffix(".py") in names
    ]


def direct_reaches(source: str) -> Iterator[str]:
    """``Model.objects.filter`` and its like, and Django's shortcuts that take a bare model."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(
                value=ast.Attribute(
                    value=ast.Name(id=model), attr="objects" | "_default_manager" | "_base_manager"
                ),
                attr=method,
            ) if model not in PUBLIC and method in DJANGOS_OWN:
                yield f"{model}.objects.{method}"
            case ast.Call(
                func=ast.Name(id="get_object_or_404" | "get_list_or_404" as shortcut),
                args=[ast.Name(id=model), *_],
            ) if model not in PUBLIC:
                yield f"{shortcut}({model})"


def test_pages_are_found_where_they_lie() -> None:
    found = {str(path.relative_to(ROOT)) for path in pages()}

    assert {
        "accounts/api.py",
        "accounts/browser.py",
        "accounts/views.py",
        "enrollment/access.py",
        "enrollment/api.py",
        "enrollment/trial_post.py",
        "enrollment/views.py",
        "messaging/views.py",
        "website/account.py",
    } <= found
    assert not any("/services/" in name or name.endswith("models.py") for name in found)


def test_pages_ask_no_bare_manager_for_somebodys_rows() -> None:
    direct = [
        f"{path.relative_to(ROOT)}: {reach}"
        for path in pages()
        if str(path.relative_to(ROOT)) != GUARD
        for reach in direct_reaches(path.read_text(encoding="utf-8"))
    ]
    assert direct == []


@pytest.mark.parametrize(
    "source",
    [
        "rows = TrialBooking.objects.filter(public_id=name)",
        "rows = TrialBooking.objects.all()",
        "row = PhoneBinding.objects.select_related('user').get(pk=1)",
        "row = User._default_manager.get(pk=1)",
        "row = get_object_or_404(TrialBooking, public_id=name)",
    ],
)
def test_a_bare_reach_is_seen(source: str) -> None:
    assert list(direct_reaches(source))


@pytest.mark.parametrize(
    "source",
    [
        "rows = TrialBooking.objects.of(guardian.pk).newest_first()",
        "rows = City.objects.bookable().filter(slug=slug)",
        "row = get_object_or_404(ConsentNotice, document=document)",
    ],
)
def test_a_named_query_is_not(source: str) -> None:
    assert not list(direct_reaches(source))

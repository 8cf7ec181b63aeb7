"""The back office offers only pages whose changes are recorded."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from privacy.audit.model_admin import AuditedModelAdmin

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("officer", "paper-puppet-theatre-7"))
    return client


def test_every_page_of_the_back_office_records_what_it_changes() -> None:
    silent = [
        model for model, page in admin.site._registry.items() if not isinstance(page, AuditedModelAdmin)
    ]

    assert admin.site._registry
    assert silent == []


def test_page_that_records_nothing_cannot_be_registered() -> None:
    class Silent(admin.ModelAdmin): ...  # type: ignore[type-arg]  # takes none at run time

    admin.site.register(Group, Silent)
    admin.site.register(Group)

    assert not admin.site.is_registered(Group)


@pytest.mark.parametrize("page", ["", "add/", "1/change/"])
def test_groups_are_not_offered(officer: Client, page: str) -> None:
    assert officer.get(f"/staff/auth/group/{page}").status_code == 404
    assert officer.post(f"/staff/auth/group/{page}", {"name": "everybody"}).status_code == 404
    assert "/group/" not in officer.get("/staff/").content.decode()
    assert not Group.objects.exists()

"""The trial is free: there is nowhere to put a price."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from rest_framework.serializers import BaseSerializer

from enrollment.forms import TrialForm

# Of money that is asked for or paid. `charge` alone would find `charset`; `pay` would find `payload`.
MONEY = re.compile(
    r"(^|_)(price|prices|pricing|fee|fees|cost|costs|amount|money|currency|cents|yuan|rmb|cny|discount|coupon|"
    r"voucher|deposit|refund|refunds|invoice|payment|payments|pay|paid|payer|payee|checkout|card|iban|bank|"
    r"alipay|wechat_pay|stripe|tax|tip|bill|billing|debit|credit|paypal)(_|$)"
)
OURS = {"accounts", "audit", "consent", "courses", "enrollment", "keystore", "messaging", "minors", "website"}


def words(name: str) -> str:
    """A name in small letters, its words apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name).lower()


def columns() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS:
            yield from (f"{model._meta.label} {field.name}" for field in model._meta.get_fields())


def members(schema: Any) -> Iterator[str]:
    """Every name of a member or parameter anywhere in the API's description."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else ()
        if "in" in schema and isinstance(schema.get("name"), str):
            yield schema["name"]
        for value in schema.values():
            yield from members(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from members(value)


@pytest.mark.clause("L-SITE-14")
def test_no_column_holds_a_price_or_a_payment() -> None:
    found = list(columns())

    assert len(found) > 150
    assert [column for column in found if MONEY.search(words(column.split()[1]))] == []


@pytest.mark.clause("L-SITE-14")
@pytest.mark.django_db(databases="__all__")
def test_no_body_of_the_api_holds_a_price_or_a_payment(client: Client) -> None:
    named = set(members(client.get("/api/schema/?format=json").json()))

    assert {"seats_left", "can_cancel_until", "challenge", "age_months"} <= named
    assert [name for name in named if MONEY.search(words(name))] == []


@pytest.mark.clause("L-SITE-14")
@pytest.mark.django_db(databases="__all__")
def test_the_form_asks_for_none() -> None:
    named = list(TrialForm().fields)

    assert "phone" in named
    assert [name for name in named if MONEY.search(words(name))] == []


@pytest.mark.parametrize(
    "name", ["price", "unitPrice", "trial_fee", "card-number", "paid_at", "payment_id", "amount"]
)
def test_a_price_would_be_seen(name: str) -> None:
    assert MONEY.search(words(name))


@pytest.mark.parametrize("name", ["payload", "feedback", "capacity", "tipped", "cardinality", "billboard"])
def test_other_words_are_none(name: str) -> None:
    assert not MONEY.search(words(name))


def test_bodies_are_described() -> None:
    """A body made without a serializer would not be in the description that is searched above."""
    from enrollment import serializers

    own = [
        one for one in vars(serializers).values() if isinstance(one, type) and issubclass(one, BaseSerializer)
    ]
    for one in own:
        assert [name for name in one().fields if MONEY.search(words(name))] == []

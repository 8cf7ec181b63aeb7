"""What we collect, as the privacy policy says it: read from the declarations, grouped for reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from privacy.inventory.declarations import Keep, Personal, Purpose
from privacy.inventory.registry import inventory, keeps, purposes, stores


@dataclass(frozen=True, kw_only=True)
class CollectedItem:
    """One kind of data by its plain name."""

    title: str
    sealed: bool


@dataclass(frozen=True, kw_only=True)
class CollectedGroup:
    """What is held for one purpose and equally long."""

    purpose: Purpose
    keep: Keep
    items: list[CollectedItem]


def collected_groups() -> list[CollectedGroup]:
    """Every declared item and store, by purpose and time limit; equal declarations give an equal list."""
    found = [
        *(_entry(declared) for _, declared in inventory()),
        *(
            (store.why, store.keep, CollectedItem(title=store.holds, sealed=False))
            for store in stores.values()
        ),
    ]
    found.sort(key=lambda entry: (entry[0], entry[1], entry[2].title))
    return [
        CollectedGroup(purpose=purposes[why], keep=keeps[keep], items=_once(item for *_, item in entries))
        for (why, keep), entries in groupby(found, key=lambda entry: entry[:2])
    ]


def _entry(declared: Personal) -> tuple[str, str, CollectedItem]:
    return declared.why, declared.keep, CollectedItem(title=str(declared.title), sealed=declared.sealed)


def _once(items: Iterable[CollectedItem]) -> list[CollectedItem]:
    return list(dict.fromkeys(items))

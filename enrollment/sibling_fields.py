"""Siblings in the trial form: those on file to tick, others to type; each takes a seat of the same class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from enrollment.child_fields import BirthMonthField, ChildFields, NicknameField
from enrollment.models.booking_laws import MOST_IN_A_PARTY
from privacy.minors.services import ChildView
from privacy.minors.typed import NO_MONTH, NO_NICKNAME

MOST_SIBLINGS = MOST_IN_A_PARTY - 1
BLOCKS = tuple(f"sibling{number}" for number in range(1, MOST_SIBLINGS + 1))
SIBLING_FIELDS = tuple(f"{block}_{part}" for block in BLOCKS for part in ("nickname", "birth_month"))


@dataclass(frozen=True, kw_only=True)
class Wished:
    """One child of those to come: on file by its name in addresses, or typed into the fields of ``block``."""

    block: str
    on_file: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """The fields of a sibling to type, shown as the child at ``place``."""

    place: int
    drop: str
    nickname: forms.BoundField
    birth_month: forms.BoundField


class SiblingFields(ChildFields):
    """The child's fields and those of up to two more. ``more`` counts the blocks that were asked for."""

    siblings = forms.MultipleChoiceField(
        label=_("还有谁一起来"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sibling1_nickname = NicknameField(required=False)
    sibling1_birth_month = BirthMonthField(required=False)
    sibling2_nickname = NicknameField(required=False)
    sibling2_birth_month = BirthMonthField(required=False)
    more = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, children: Callable[[], Sequence[ChildView]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, children=children, **kwargs)
        if children is None:
            del self.fields["siblings"]
            return
        field = cast(forms.MultipleChoiceField, self.fields["siblings"])
        field.choices = lambda: [(child.public_id, child.nickname) for child in children()]

    @property
    def siblings_asked(self) -> bool:
        """Whether more than one child is to come, or their fields were asked for."""
        return bool(self.data.get("more") or self._ticked or self._shown)

    @property
    def child_shown(self) -> bool:
        """Whether fields to type are to be seen: after agreeing, or when something stands in them."""
        return super().child_shown or any(self._typed(block) for block in BLOCKS)

    @property
    def may_add(self) -> bool:
        """Whether there is a first child, or could be, and room for another one."""
        known = self.child_shown or ("child" in self.fields and bool(self["child"].subwidgets))
        return known and len(self.children_wished()) < MOST_IN_A_PARTY

    @property
    def sibling_options(self) -> list[Any]:
        """Those on file who may come along: all but the one chosen first."""
        if "siblings" not in self.fields:
            return []
        first = str(self["child"].value() or "")
        return [each for each in self["siblings"].subwidgets if each.data["value"] != first]

    @property
    def sibling_blocks(self) -> list[Block]:
        """The fields to type siblings into, once it was agreed that something may be typed."""
        before = 1 + len(self._ticked)
        return [
            Block(
                place=before + number,
                drop=f"drop_{block}",
                nickname=self[f"{block}_nickname"],
                birth_month=self[f"{block}_birth_month"],
            )
            for number, block in enumerate(self._shown, 1)
        ]

    @property
    def seats(self) -> int:
        """How many seats that takes, as far as the form can tell before it is judged."""
        return min(len(self.children_wished()), MOST_IN_A_PARTY)

    def with_one_more(self) -> dict[str, str]:
        """What to answer for one more child: those on file are offered first, then fields to type."""
        if not self.siblings_asked and self.sibling_options:
            return {"more": "0"}
        return {"more": str(min(len(self._shown) + 1, MOST_SIBLINGS))}

    def without(self, block: str) -> dict[str, str]:
        """What to answer so that a sibling typed into ``block`` is gone; those behind move up."""
        left = [each for each in self._shown if each != block]
        answers = dict.fromkeys(SIBLING_FIELDS, "")
        for to, source in zip(BLOCKS, left, strict=False):
            for part in ("nickname", "birth_month"):
                answers[f"{to}_{part}"] = str(self.data.get(f"{source}_{part}", ""))
        return {**answers, "more": str(len(left)) if left or self._ticked else ""}

    def children_wished(self) -> list[Wished]:
        """Who is to come, a seat each: the first child, of whom nothing has to be said, then the others."""
        first = Wished(block="child", on_file=str(self.data.get("child", "")))
        ticked = [Wished(block="siblings", on_file=name) for name in self._ticked]
        return [first, *ticked, *(Wished(block=block) for block in self._shown)]

    def beside(self, field: str, place: int) -> str:
        """Where something about ``field`` of the child at ``place`` is said; other fields are as they are."""
        part = field.removeprefix("child").strip("_")
        wished = self.children_wished()
        if field not in ("child", "child_nickname", "child_birth_month") or place > len(wished):
            return field
        child = wished[max(place, 1) - 1]
        if child.on_file:
            return child.block
        return f"{child.block}_{part or 'nickname'}"

    def name_of(self, place: int) -> str:
        """What the child on file at ``place`` is called, for who reads its name here anyway; else nothing."""
        wished = self.children_wished()
        if not 1 < place <= len(wished) or "siblings" not in self.fields:
            return ""
        names = dict(cast(Any, self.fields["siblings"]).choices)
        return str(names.get(wished[place - 1].on_file, ""))

    def clean(self) -> dict[str, Any]:
        """Where several come, each is named, and there is a class for them."""
        cleaned = super().clean()
        if len(self.children_wished()) == 1:
            return cleaned
        self._check_first(cleaned)
        for block in self._shown:
            self._check_block(block)
        if self._shown and not cleaned.get("agree_children") and "agree_children" not in self.errors:
            self.add_error(
                "agree_children", _gettext("填了孩子的信息，就要勾选这一项；不想勾选，把孩子的信息清空就行")
            )
        if len(self.children_wished()) > MOST_IN_A_PARTY:
            self.add_error(self._about_several, _gettext("一次最多 %d 个孩子一起约") % MOST_IN_A_PARTY)
        if cleaned.get("session") is None and "session" not in self.errors:
            words = _gettext("几个孩子一起约，要先选一节课；想让校区打电话来约，只填一个孩子就行")
            self.add_error("session" if self.data.get("pick") else None, words)
        return cleaned

    def _check_first(self, cleaned: dict[str, Any]) -> None:
        chosen = cleaned.get("child")
        if not chosen and not self.says_something and "child" not in self.errors:
            on_file = "child" in self.fields and bool(self["child"].subwidgets)
            self.add_error(
                "child" if on_file else "child_nickname", _gettext("几个孩子一起约，每个都要选好或填好")
            )
        if chosen and chosen in self._ticked:
            self.add_error("siblings", _gettext("这个孩子上面已经选了，这里不用再勾"))

    def _check_block(self, block: str) -> None:
        for part, words in (("nickname", NO_NICKNAME), ("birth_month", NO_MONTH)):
            name = f"{block}_{part}"
            if not str(self.data.get(name, "")).strip():
                self.add_error(name, str(words))

    @property
    def _about_several(self) -> str | None:
        return "siblings" if "siblings" in self.fields else None

    @property
    def _ticked(self) -> list[str]:
        """Those on file who come along, as posted, each once."""
        if "siblings" not in self.fields or not self.is_bound:
            return []
        return list(dict.fromkeys(self["siblings"].value() or []))[:MOST_IN_A_PARTY]

    @property
    def _shown(self) -> tuple[str, ...]:
        """The blocks to type in that were asked for, or in which something stands."""
        more = str(self.data.get("more", ""))
        asked = int(more) if more in ("1", "2") else 0
        typed = max((n for n, block in enumerate(BLOCKS, 1) if self._typed(block)), default=0)
        return BLOCKS[: max(asked, typed)]

    def _typed(self, block: str) -> bool:
        parts = (f"{block}_nickname", f"{block}_birth_month")
        return any(str(self.data.get(name, "")).strip() for name in parts)

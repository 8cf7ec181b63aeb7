"""The form of a class in the back office, and the one that calls it off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from courses.scoped_admin import LawfulForm
from enrollment.enums import SESSION_TRANSITIONS, ChangeReason, SessionState
from enrollment.policies import BOOKING_CLOSES
from enrollment.services.class_changes import TERMS as OF_CONCERN
from enrollment.services.class_changes import families_of

_NEAR = timedelta(days=366)  # further away a date is a slip of the hand
_TIMES = frozenset({"starts_at", "ends_at", "booking_opens_at", "booking_closes_at"})
# What may be left empty, and what it is then.
_FOLLOWS = {
    "ends_at": _("留空：按课程的时长"),
    "booking_closes_at": format_lazy(_("留空：上课前 {} 分钟"), int(BOOKING_CLOSES.total_seconds() // 60)),
    "capacity": _("留空：按教室的座位数"),
}
# These follow the clock.
_BY_ITSELF = frozenset({SessionState.STARTED, SessionState.FINISHED})
# What a change of a class is about; which of it families are told, the service knows.
TERMS = _TIMES | {"room", "teacher"}


class CallOffForm(forms.Form):
    """Why a class does not take place, in the words its families will read."""

    reason = forms.ChoiceField(label=_("为什么取消"), choices=ChangeReason.choices, widget=forms.RadioSelect)


class ClassForm(LawfulForm):
    """A class. What follows from course and room may be left empty; what families were told needs a reason.

    ``seen`` is the version of the class that the page showed: nobody undoes unseen what another has done.
    """

    reason = forms.ChoiceField(
        label=_("变动原因"), required=False, choices=[("", "---------"), *ChangeReason.choices]
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _FOLLOWS.keys() & self.fields.keys():
            self.fields[name].required = False
            self.fields[name].help_text = _FOLLOWS[name]
        if "overbook_allowance" in self.fields:
            self.fields["overbook_allowance"].help_text = _(
                "比座位多收几个孩子，按往常有几个不来定。谁定的会记下来。"
            )
        if "state" in self.fields:
            state = SessionState(self.instance.state)
            follow = [one for one in SessionState if one in SESSION_TRANSITIONS[state] - _BY_ITSELF]
            choice: Any = self.fields["state"]
            choice.choices = [(one.value, one.label) for one in (state, *follow)]
        if self.instance._state.adding:
            del self.fields["reason"], self.fields["seen"]
        else:
            self._know_the_class()

    def _know_the_class(self) -> None:
        """As it is now: where it may go, who would hear of it, and which version of it the page shows."""
        for name in {"room", "teacher"} & set(self.fields):
            rows: Any = self.fields[name]
            rows.queryset = rows.queryset.filter(campus__city=self.instance.campus.city_id)
        if "teacher" in self.fields:
            teachers: Any = self.fields["teacher"]
            teachers.label_from_instance = lambda one: f"{one.campus} {one.stage_name}"
        self.families = families_of(self.instance)
        self.version = self.instance.changed_at.isoformat()
        self.initial["seen"] = self.version
        self.was_at, self.was_campus = self.instance.starts_at, self.instance.campus_id
        self.fields["reason"].help_text = (
            _("有 %s 个家庭约了这节课。改时间、校区、教室或老师，他们每家会收到一条短信。") % self.families
            if self.families
            else _("还没有家庭约这节课，可以不填。")
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        self._check_times(cleaned)
        if not self.errors:
            self._fill(cleaned)
            self._check_seats(cleaned)
        if not self.errors and not self.instance._state.adding:
            self._check_change(cleaned)
        return cleaned

    def _fill(self, cleaned: dict[str, Any]) -> None:
        starts_at, room = cleaned["starts_at"], cleaned["room"]
        self.instance.campus = room.campus
        cleaned["ends_at"] = cleaned["ends_at"] or starts_at + timedelta(minutes=cleaned["course"].minutes)
        cleaned["booking_closes_at"] = cleaned["booking_closes_at"] or starts_at - BOOKING_CLOSES
        if cleaned["capacity"] is None:
            cleaned["capacity"] = room.seats

    def _check_times(self, cleaned: dict[str, Any]) -> None:
        """Before anything is reckoned from them: at the ends of the calendar that overflows."""
        now = timezone.now()
        for name in _TIMES & set(self.changed_data):
            if cleaned.get(name) and abs(cleaned[name] - now) > _NEAR:
                self.add_error(name, _("离现在一年多了，年份可能填错了。"))
        starts_at = cleaned.get("starts_at")
        given = self.instance._state.adding or "starts_at" in self.changed_data
        if given and starts_at and starts_at <= now and "starts_at" not in self.errors:
            self.add_error("starts_at", _("这个时间已经过了。"))

    def _check_seats(self, cleaned: dict[str, Any]) -> None:
        seats = cleaned["room"].seats
        if cleaned["capacity"] + cleaned["overbook_allowance"] > seats:
            self.add_error("capacity", _("这间教室只有 %s 个座位。") % seats)

    def _check_change(self, cleaned: dict[str, Any]) -> None:
        changed = set(self.changed_data)
        if cleaned["seen"] and cleaned["seen"] != self.version:
            self.add_error(None, _("您打开这一页以后，别的同事改过这节课。请重新打开，再看一眼。"))
        if TERMS & changed and self._has_begun():
            self.add_error(None, _("这节课已经开始，时间、教室和老师不能再改。"))
        if "course" in changed and self.instance.seats_taken:
            taken = self.instance.seats_taken
            self.add_error("course", _("已经约出去 %s 个座位，课程不能改。可以另开一节。") % taken)
        if cleaned["state"] == SessionState.CANCELLED and self.families:
            words = _("有 %s 个家庭约了这节课。请点右上角“取消课次”，选好原因，他们每家会收到一条短信。")
            self.add_error("state", words % self.families)
        elif self._is_told(changed, cleaned) and self.families and not cleaned["reason"]:
            words = _("有 %s 个家庭约了这节课。请选一个原因，短信里会告诉他们。")
            self.add_error("reason", words % self.families)

    def _has_begun(self) -> bool:
        began: datetime = self.was_at
        draft = self.initial.get("state") == SessionState.DRAFT
        return not draft and (began <= timezone.now() or self.initial.get("state") in _BY_ITSELF)

    def _is_told(self, changed: set[str], cleaned: dict[str, Any]) -> bool:
        elsewhere = cleaned["room"].campus_id != self.was_campus
        return bool(changed.intersection(OF_CONCERN)) or elsewhere

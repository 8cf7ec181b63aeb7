"""Courses as parents read them."""

from __future__ import annotations

from dataclasses import dataclass

from courses.models import Course
from kit.months import span_in_years


@dataclass(frozen=True, kw_only=True)
class CourseLine:
    """A course with its ages in words, and what happens in class, one line a step."""

    course: Course
    ages: str
    in_class: tuple[str, ...]


def course_line(course: Course) -> CourseLine:
    """``course`` in words."""
    return CourseLine(
        course=course,
        ages=span_in_years(course.age_min_months, course.age_max_months),
        in_class=tuple(course.in_class.splitlines()),
    )

"""Programmes, what speaks for them, and courses: read from their files and brought into the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from courses.models import Course, Programme, SellingPoint
from courses.services.loading import Loaded, load, parts, read_rows


@dataclass(frozen=True, kw_only=True)
class ProgrammeRow:
    """One programme as its file says it, in the order of the file."""

    slug: str
    name: str
    short_name: str
    english_name: str
    motto: str
    about: str
    selling_points: tuple[str, ...]
    position: int


@dataclass(frozen=True, kw_only=True)
class CourseRow:
    """One course as its file says it; ages are whole months, both ends included."""

    slug: str
    name: str
    programme: str
    age_min_months: int
    age_max_months: int
    minutes: int
    summary: str
    in_class: str
    bring: str
    position: int


def read_programmes() -> list[ProgrammeRow]:
    """The file's programmes, in the order in which they are shown everywhere."""
    return [
        ProgrammeRow(
            **{name: row[name] for name in ("slug", "name", "short_name", "english_name", "motto")},
            about="\n".join(parts(row["about"])),
            selling_points=parts(row["selling_points"]),
            position=position,
        )
        for position, row in enumerate(read_rows("programmes"), start=1)
    ]


def read_courses() -> list[CourseRow]:
    """The file's courses; the file's order is that within a programme."""
    return [
        CourseRow(
            **{name: row[name] for name in ("slug", "name", "programme", "summary", "bring")},
            age_min_months=int(row["age_min_months"]),
            age_max_months=int(row["age_max_months"]),
            minutes=int(row["minutes"]),
            in_class="\n".join(parts(row["in_class"])),
            position=position,
        )
        for position, row in enumerate(read_rows("courses"), start=1)
    ]


def load_programmes(*, rows: Sequence[ProgrammeRow]) -> Loaded:
    """Load the lines that are new or changed. A programme that left the file is no longer offered."""
    return load(
        noun="programmes",
        lines=rows,
        store=_store_programmes,
        retire=lambda slugs: Programme.objects.filter(slug__in=slugs).update(active=False),
    )


def load_courses(*, rows: Sequence[CourseRow]) -> Loaded:
    """Load the lines that are new or changed. A course that left the file is no longer offered."""
    return load(
        noun="courses",
        lines=rows,
        store=_store_courses,
        retire=lambda slugs: Course.objects.filter(slug__in=slugs).update(active=False),
    )


def _store_programmes(rows: list[ProgrammeRow]) -> None:
    columns = ["name", "short_name", "english_name", "motto", "about", "position"]
    stored = Programme.objects.bulk_create(
        [
            Programme(slug=row.slug, active=True, **{column: getattr(row, column) for column in columns})
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[*columns, "active", "changed_at"],
    )
    SellingPoint.objects.filter(programme__in=stored).delete()
    SellingPoint.objects.bulk_create(
        SellingPoint(programme=programme, text=text, position=position)
        for programme, row in zip(stored, rows, strict=True)
        for position, text in zip(count(1), row.selling_points)
    )


def _store_courses(rows: list[CourseRow]) -> None:
    programmes = {programme.slug: programme for programme in Programme.objects.all()}
    columns = [
        "name", "age_min_months", "age_max_months", "minutes", "summary", "in_class", "bring", "position",
    ]  # fmt: skip
    Course.objects.bulk_create(
        [
            Course(
                slug=row.slug,
                programme=programmes[row.programme],
                active=True,
                **{column: getattr(row, column) for column in columns},
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[*columns, "programme", "active", "changed_at"],
    )

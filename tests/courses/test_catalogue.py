"""Programmes, courses and campuses: what the files say, and how loading them leaves alone what staff changed."""

import io
from collections import Counter
from dataclasses import replace
from datetime import date, time

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command

from courses.models import Campus, City, Course, Programme, Room, SellingPoint, Teacher
from courses.services.campuses import load_campuses, read_campuses
from courses.services.catalogue import load_catalogue
from courses.services.loading import Loaded
from courses.services.offer import load_courses, load_programmes, read_courses, read_programmes
from courses.wording import full_width, without_claims

pytestmark = pytest.mark.django_db(databases=["default"])

TABLES = (City, Programme, SellingPoint, Course, Campus, Room, Teacher)


def everything() -> list[list[dict[str, object]]]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


@pytest.mark.clause("L-SITE-5")
@pytest.mark.clause("L-SITE-5.1")
@pytest.mark.clause("L-SITE-5.2")
@pytest.mark.clause("L-SITE-5.3")
@pytest.mark.clause("L-SITE-5.4")
@pytest.mark.clause("L-SITE-5.5")
def test_five_programmes_stand_in_order_with_sixteen_points() -> None:
    programmes = [
        (p.slug, p.name, p.short_name, p.position, p.selling_points.count())
        for p in Programme.objects.offered()
    ]
    assert programmes == [
        ("drama", "励步戏剧", "戏剧", 1, 3),
        ("puzzles", "励步益智", "益智", 2, 3),
        ("speech", "励步口才", "口才", 3, 4),
        ("aesthetics", "励步美育", "美育", 4, 3),
        ("reading", "励步读物", "读物", 5, 3),
    ]


def test_courses_cover_ages_from_three_to_eleven() -> None:
    courses = list(Course.objects.offered())
    assert 10 <= len(courses) <= 15
    assert set(Counter(course.programme.slug for course in courses).values()) <= {2, 3}
    for course in courses:
        assert 45 <= course.minutes <= 90
    ages = {m for c in courses for m in range(c.age_min_months, c.age_max_months + 1)}
    assert ages == set(range(36, 144))


@pytest.mark.clause("L-SITE-22")
def test_every_city_has_campuses_and_the_big_ones_more() -> None:
    campuses = Counter(Campus.objects.open_to_parents().values_list("city__slug", flat=True))
    assert set(campuses) == set(City.objects.values_list("slug", flat=True))
    assert campuses["beijing"] == 7
    assert max(campuses.values()) == 7
    assert 190 <= campuses.total() <= 200  # "almost 200"


def test_no_campus_can_be_mistaken_for_a_real_one() -> None:
    for campus in Campus.objects.all():
        assert campus.address.startswith("示例路 ")
        assert "-0000-00" in campus.phone  # no number begins with a zero


def test_every_campus_has_rooms_teachers_hours_and_a_place_on_the_map() -> None:
    for campus in Campus.objects.prefetch_related("rooms", "teachers"):
        assert 2 <= campus.rooms.count() <= 4
        assert campus.teachers.count() > campus.rooms.count()
        assert all(teacher.stage_name.endswith("老师") for teacher in campus.teachers.all())
        assert time(9, 0) <= campus.opens_at <= time(10, 0)
        assert time(18, 0) <= campus.closes_at <= time(19, 0)
        assert campus.rest_day not in {5, 6}
        assert 18 < campus.latitude < 48
        assert 99 < campus.longitude < 127
        assert len(campus.how_to_come.splitlines()) == 3


def test_loading_again_changes_nothing_and_no_date_of_change() -> None:
    before = everything()
    with time_machine.travel(date(2030, 1, 1)):
        assert [str(done) for done in load_catalogue()] == [
            "cities: 0 added, 0 changed, 0 retired, 78 unchanged",
            "programmes: 0 added, 0 changed, 0 retired, 5 unchanged",
            "courses: 0 added, 0 changed, 0 retired, 13 unchanged",
            "campuses: 0 added, 0 changed, 0 retired, 198 unchanged",
        ]
    assert everything() == before


def test_what_staff_changed_stays_until_the_line_itself_changes() -> None:
    campus = Campus.objects.get(slug="beijing-muou")
    changed = {"phone": "010-0000-9999", "notice": "门口修路，请走侧门。", "active": False}
    Campus.objects.filter(pk=campus.pk).update(**changed)
    rows = read_campuses()

    assert load_campuses(rows=rows).changed == 0
    campus.refresh_from_db()
    assert (campus.phone, campus.active) == ("010-0000-9999", False)

    moved = [replace(row, district="城西") if row.slug == campus.slug else row for row in rows]
    assert load_campuses(rows=moved) == Loaded(
        noun="campuses", added=0, changed=1, retired=0, unchanged=len(rows) - 1
    )
    campus.refresh_from_db()
    assert (campus.district, campus.phone, campus.active) == ("城西", "010-0000-0001", True)
    assert campus.notice == "门口修路，请走侧门。"  # the file says nothing of notices


def test_only_what_changed_gets_a_new_date_of_change() -> None:
    before = dict(Course.objects.values_list("slug", "changed_at"))
    rows = [replace(row, minutes=50) if row.slug == "puzzles-3-4" else row for row in read_courses()]
    load_courses(rows=rows)
    after = dict(Course.objects.values_list("slug", "changed_at"))
    assert {slug for slug in after if after[slug] != before[slug]} == {"puzzles-3-4"}


def test_a_line_that_left_is_retired_and_what_no_line_named_stays() -> None:
    Programme.objects.create(
        slug="own", name="自办", short_name="自办", english_name="Own", motto="…", about="…", position=9
    )
    rows = [row for row in read_programmes() if row.slug != "reading"]
    assert load_programmes(rows=rows).retired == 1
    offered = [programme.slug for programme in Programme.objects.offered()]
    assert offered == ["drama", "puzzles", "speech", "aesthetics", "own"]


def test_rooms_and_teachers_that_staff_added_survive_a_changed_line() -> None:
    campus = Campus.objects.get(slug="beijing-muou")
    Room.objects.create(campus=campus, name="新屋", seats=5)
    rooms = campus.rooms.count()
    rows = [
        replace(row, rooms=(*row.rooms, ("阁楼", 4))) if row.slug == campus.slug else row
        for row in read_campuses()
    ]
    load_campuses(rows=rows)
    assert campus.rooms.filter(active=True).count() == rooms + 1


def test_the_command_says_what_it_did_in_one_line() -> None:
    said = io.StringIO()
    call_command("load_catalogue", stdout=said)
    assert said.getvalue().count("\n") == 1
    assert "campuses: 0 added, 0 changed, 0 retired, 198 unchanged; documents: 0 published" in said.getvalue()


@pytest.mark.clause("LAW-84")
@pytest.mark.clause("L-SITE-3")
def test_nothing_in_the_catalogue_promises_boasts_or_borrows_praise() -> None:
    for table in (Programme, SellingPoint, Course, Campus):
        for row in table.objects.all():
            row.clean_fields()


@pytest.mark.clause("LAW-84")
@pytest.mark.clause("L-SITE-3")
@pytest.mark.parametrize(
    "claim",
    [
        "我们保证孩子开口",
        "一个月学会上台",
        "有效提升专注力",
        "提高语文成绩",
        "包教包会",
        "不满意无效退费",
        "赢在起跑线上",
        "全国第一的戏剧课",
        "最好的老师",
        "顶级师资",
        "唯一的纸偶剧场",
        "100% 上台",
        "教授推荐",
        "专家团队研发",
        "家长都说好",
        "国家级认证",
        "名师亲授",
    ],
)
def test_a_claim_is_refused_with_a_sentence_that_names_it(claim: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SellingPoint(text=claim).clean_fields(exclude=["id", "programme", "position"])
    (sentence,) = refused.value.message_dict["text"]
    assert sentence.startswith("「")
    assert sentence.split("「")[1].split("」")[0] in claim


@pytest.mark.parametrize(
    "text",
    [
        "每班最多 8 人，最近的校区走路就到",
        "第一遍听老师读",
        "学会轮流说话的规则",
        "今天 9:30 开门，地铁 2 号线 A 口（东侧）出来",
        "带一瓶水、一双袜子。",
    ],
)
def test_plain_words_pass(text: str) -> None:
    without_claims(text)
    full_width(text)


@pytest.mark.parametrize("text", ["先听,再演", "现在开始!", "地址(二层)", "喜欢吗?", "到了.", "电话:见下"])
def test_half_width_punctuation_after_chinese_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="全角"):
        full_width(text)

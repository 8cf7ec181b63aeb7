"""The list of cities: what the file says, what loading does, what the database refuses."""

from collections import Counter
from dataclasses import replace

import psycopg2
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from courses.enums import CityLevel
from courses.exceptions import CatalogueInvalid
from courses.models import City
from courses.services.cities import load_cities, read_cities
from courses.services.loading import Loaded

pytestmark = pytest.mark.django_db(databases=["default"])

# fmt: off
PAGE_ORDER = [
    "北京", "上海", "深圳", "南京", "重庆", "合肥", "芜湖", "常州", "昆明", "武汉", "沈阳", "广州",
    "东莞", "南昌", "马鞍山", "呼和浩特", "郑州", "长沙", "镇江", "阜阳", "日照", "常德", "哈尔滨",
    "大庆", "义乌", "襄阳", "宿迁", "莆田", "宁波", "太仓", "葫芦岛", "聊城", "周口", "金华",
    "开封", "嘉兴", "中山", "唐山", "徐州", "株洲", "连云港", "南阳", "秦皇岛", "晋中", "海口",
    "厦门", "张家口", "南通", "淄博", "江门", "长春", "福州", "湖州", "温州", "太原", "青岛",
    "扬州", "辽阳", "泰州", "临沂", "大同", "珠海", "大连", "苏州", "鞍山", "三亚", "无锡", "保定",
    "石家庄", "盐城", "滁州", "惠州", "昆山", "泰兴", "丹阳", "番禺", "滕州", "潍坊",
]
# fmt: on


@pytest.mark.clause("L-SITE-18")
def test_seventy_eight_cities_stand_once_in_page_order() -> None:
    names = list(City.objects.values_list("name", flat=True))
    assert names == PAGE_ORDER
    assert len(set(names)) == 78
    assert [city.position for city in City.objects.all()] == list(range(1, 79))


@pytest.mark.clause("L-SITE-18")
def test_levels_and_parents_are_stored() -> None:
    assert Counter(City.objects.values_list("level", flat=True)) == {
        CityLevel.MUNICIPALITY: 3,
        CityLevel.PREFECTURE: 68,
        CityLevel.COUNTY: 6,
        CityLevel.DISTRICT: 1,
    }
    within = City.objects.exclude(within="").values_list("name", "within", "parent__name")
    assert {name: (around, parent) for name, around, parent in within} == {
        "义乌": ("金华", "金华"),
        "太仓": ("苏州", "苏州"),
        "昆山": ("苏州", "苏州"),
        "泰兴": ("泰州", "泰州"),
        "丹阳": ("镇江", "镇江"),
        "番禺": ("广州", "广州"),
        "滕州": ("枣庄", None),  # its own city is not in the list
    }
    assert Counter(City.objects.values_list("province", flat=True))["江苏"] == 16


@pytest.mark.parametrize(
    ("name", "slug", "initial"),
    [
        ("重庆", "chongqing", "C"),
        ("厦门", "xiamen", "X"),
        ("番禺", "panyu", "P"),
        ("长沙", "changsha", "C"),
        ("长春", "changchun", "C"),
        ("莆田", "putian", "P"),
        ("大连", "dalian", "D"),
        ("宿迁", "suqian", "S"),
        ("滁州", "chuzhou", "C"),
        ("葫芦岛", "huludao", "H"),
    ],
)
def test_names_with_several_readings_are_spelt_as_their_people_say_them(
    name: str, slug: str, initial: str
) -> None:
    city = City.objects.get(name=name)
    assert (city.slug, city.pinyin, city.initial) == (slug, slug, initial)


def test_bookable_cities_come_by_syllable_and_leave_out_closed_ones() -> None:
    City.objects.filter(slug="anshan").update(active=False)
    cities = list(City.objects.bookable())
    assert [city.syllables.split() for city in cities] == sorted(city.syllables.split() for city in cities)
    names = [city.name for city in cities]
    assert names.index("大庆") < names.index("丹阳")  # "da qing" before "dan yang", as in any dictionary
    assert len(names) == 77
    assert "鞍山" not in names


def test_a_line_that_reads_differently_is_loaded_and_keeps_its_row() -> None:
    before = City.objects.get(slug="chongqing")
    rows = [replace(row, common=False) if row.slug == "chongqing" else row for row in read_cities()]

    assert load_cities(rows=rows) == Loaded(noun="cities", added=0, changed=1, retired=0, unchanged=77)

    city = City.objects.get(slug="chongqing")
    assert (city.pk, before.common, city.common) == (before.pk, True, False)


def test_a_city_that_staff_closed_stays_closed() -> None:
    City.objects.filter(slug="chongqing").update(active=False)
    assert load_cities(rows=read_cities()).changed == 0
    assert City.objects.get(slug="chongqing").active is False


def test_a_city_that_left_the_list_is_closed_and_stays() -> None:
    rows = [row for row in read_cities() if row.slug != "weifang"]
    assert load_cities(rows=rows) == Loaded(noun="cities", added=0, changed=0, retired=1, unchanged=77)
    assert City.objects.get(slug="weifang").active is False
    assert load_cities(rows=rows).retired == 0
    assert load_cities(rows=read_cities()).added == 1
    assert City.objects.get(slug="weifang").active is True


def test_a_new_city_is_added_and_becomes_the_parent_of_its_counties() -> None:
    template = next(row for row in read_cities() if row.slug == "weifang")
    zaozhuang = replace(template, slug="zaozhuang", name="枣庄", pinyin="zaozhuang", initial="Z", position=79)
    assert load_cities(rows=[*read_cities(), zaozhuang]).added == 1
    assert City.objects.get(slug="tengzhou").parent.name == "枣庄"


def test_a_list_that_contradicts_itself_changes_nothing() -> None:
    rows = read_cities()
    with pytest.raises(CatalogueInvalid, match="beijing"):
        load_cities(rows=[*rows, replace(rows[1], slug="beijing")])
    with pytest.raises(CatalogueInvalid, match="village"):
        load_cities(rows=[replace(rows[0], level="village")])
    assert City.objects.filter(active=True).count() == 78


@pytest.mark.parametrize(
    "changes",
    [
        {"initial": "z"},
        {"level": CityLevel.COUNTY},
        {"within": "苏州"},
        {"slug": "shanghai"},
        {"name": "上海"},
    ],
)
def test_the_database_refuses_a_row_that_makes_no_sense(changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        City.objects.filter(slug="beijing").update(**changes)


def test_the_app_role_cannot_delete_a_city() -> None:
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM courses_city WHERE slug = 'beijing'")
    assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_the_api_lists_bookable_cities(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    City.objects.filter(slug="anshan").update(active=False)
    with django_assert_num_queries(1):
        response = Client().get("/api/v1/cities/")
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=60"
    assert not response.cookies
    listed = response.json()
    assert listed[0] == {"slug": "baoding", "name": "保定", "pinyin": "baoding", "initial": "B"}
    assert [entry["slug"] for entry in listed] == [city.slug for city in City.objects.bookable()]


def test_the_api_takes_no_writing() -> None:
    assert Client().post("/api/v1/cities/").status_code == 405

"""A parent types, a city is found."""

import pytest
from pytest_django import DjangoAssertNumQueries

from courses.models import City
from courses.services.find import find_cities

pytestmark = pytest.mark.django_db(databases=["default"])


def found(q: str) -> list[str]:
    return [city.name for city in find_cities(q=q)]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("北京", ["北京"]),
        (" 北京市 ", ["北京"]),
        (
            "州",
            [
                "常州",
                "滁州",
                "福州",
                "广州",
                "湖州",
                "惠州",
                "苏州",
                "泰州",
                "滕州",
                "温州",
                "徐州",
                "扬州",
                "郑州",
            ],
        ),
        ("beijing", ["北京"]),
        ("Bei Jing", ["北京"]),
        ("ＢＥＩ", ["北京"]),
        ("bj", ["北京"]),
        ("sjz", ["石家庄"]),
        ("chongq", ["重庆"]),
        ("zhongqing", []),
        ("xm", ["厦门"]),
        ("chang", ["长春", "常德", "长沙", "常州"]),
        ("cs", ["长沙"]),
        ("hz", ["湖州", "惠州"]),
        ("枣庄", ["滕州"]),
        ("苏州", ["昆山", "苏州", "太仓"]),
        ("城市", ["聊城", "盐城"]),
        ("市", []),
        ("%", []),
        ("_", []),
        ("'; --", []),
        ("\x00", []),
        ("\ud800", []),
        ("x" * 5000, []),
    ],
)
def test_by_name_pinyin_and_initials(q: str, names: list[str]) -> None:
    assert found(q) == names


@pytest.mark.parametrize("q", ["", "  ", "\u3000"])
def test_nothing_typed_finds_nothing(q: str) -> None:
    assert found(q) == []


def test_a_closed_city_is_not_found(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    City.objects.filter(slug="beijing").update(active=False)
    with django_assert_num_queries(1):
        assert found("bj") == []

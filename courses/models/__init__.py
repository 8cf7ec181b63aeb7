"""What is offered and where: cities, programmes and courses, campuses, and who works at them."""

from courses.models.cities import City, CityQuerySet
from courses.models.lines import CatalogueLine
from courses.models.offer import Course, CourseQuerySet, Programme, ProgrammeQuerySet, SellingPoint
from courses.models.places import Campus, CampusQuerySet, Room
from courses.models.staff import CampusMembership, Teacher

__all__ = [
    "Campus",
    "CampusMembership",
    "CampusQuerySet",
    "CatalogueLine",
    "City",
    "CityQuerySet",
    "Course",
    "CourseQuerySet",
    "Programme",
    "ProgrammeQuerySet",
    "Room",
    "SellingPoint",
    "Teacher",
]

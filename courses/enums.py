"""Closed lists of the catalogue."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CityLevel(TextChoices):
    """What kind of place a "city" of the list is: a county or a district may stand beside its own parent."""

    MUNICIPALITY = "municipality", _("直辖市")
    PREFECTURE = "prefecture", _("地级市")
    COUNTY = "county", _("县级市")
    DISTRICT = "district", _("市辖区")

"""Ages counted in months, said as people say them."""

from django.utils.translation import gettext as _

_A_YEAR = 12


def in_years(months: int) -> str:
    """So many whole months of age in words: "4 岁", "6 岁 11 个月", "9 个月"."""
    years, rest = divmod(months, _A_YEAR)
    if not years:
        return _("%(rest)d 个月") % {"rest": rest}
    if not rest:
        return _("%(years)d 岁") % {"years": years}
    return _("%(years)d 岁 %(rest)d 个月") % {"years": years, "rest": rest}


def span_in_years(least: int, most: int) -> str:
    """From one age to the other, both in whole months and both included."""
    return f"{in_years(least)}–{in_years(most)}"

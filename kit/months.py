"""Ages counted in months, said as people say them."""

from django.utils.translation import gettext as _

A_YEAR = 12


def in_years(months: int) -> str:
    """So many whole months of age in words: "4 岁", "6 岁 11 个月", "9 个月"."""
    years, rest = divmod(months, A_YEAR)
    if not years:
        return _("%(rest)d 个月") % {"rest": rest}
    if not rest:
        return _("%(years)d 岁") % {"years": years}
    return _("%(years)d 岁 %(rest)d 个月") % {"years": years, "rest": rest}


def span_in_years(least: int, most: int) -> str:
    """From one age to the other, both in whole months and both included: "4–6 岁" where it is whole years."""
    first, last = least // A_YEAR, most // A_YEAR
    if least % A_YEAR == 0 and most % A_YEAR == A_YEAR - 1:
        years = f"{first}–{last}" if first < last else str(first)
        return _("%(years)s 岁") % {"years": years}
    return f"{in_years(least)}–{in_years(most)}"

"""Ages in whole months, from the first of the birth month: the day is never known."""

from datetime import date

from kit.months import A_YEAR

# Still a minor in the month of the 18th birthday: who is grown up goes on the first of the month after.
LAST_MONTH_OF_A_MINOR = 18 * A_YEAR


def months_between(birth_month: date, on: date) -> int:
    """Whole months of age on ``on``; negative before the birth month.

    A child counts as born on the first, so this is its age in months or, before the day of the birthday has
    come round in the month, one more.
    """
    return (on.year - birth_month.year) * A_YEAR + on.month - birth_month.month

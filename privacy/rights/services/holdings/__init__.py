"""What we hold about a person, from the declarations alone: kinds, counts, and values as people read them.

Who asks is judged once, by `reading`; the rest takes the `Reading` it gives. `areas` lists the tables that
hold something, in the order in which people read; `counts` says how many rows there are of each for the
person or for one of their children; `rows` gives them, field by field; `excluded` says what nobody is given,
and why.
"""

from privacy.rights.exceptions import NotTheirs
from privacy.rights.services.holdings.areas import Area, AreaField, Excluded, area_named, areas, excluded
from privacy.rights.services.holdings.readings import Reading, reading
from privacy.rights.services.holdings.values import Holding, counts, rows

__all__ = [
    "Area",
    "AreaField",
    "Excluded",
    "Holding",
    "NotTheirs",
    "Reading",
    "area_named",
    "areas",
    "counts",
    "excluded",
    "reading",
    "rows",
]

"""Pages of a list that may grow long, counted no further than anybody turns them."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 2_000  # rows: twenty pages of the back office


class FewPages(Paginator):  # type: ignore[type-arg]  # Django's own class takes no argument at run time
    """Offers the first ``MOST`` rows of a queryset; who looks for another one narrows the list.

    To say how many rows there are, PostgreSQL reads them all, at every page of the list.
    """

    @cached_property
    def count(self) -> int:
        """How many rows are offered."""
        return min(self._counted, MOST)

    @property
    def goes_on(self) -> bool:
        """Whether there are more rows than are offered."""
        return self._counted > MOST

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST + 1].count())

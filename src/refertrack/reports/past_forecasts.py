"""Earlier forecasts set against what then came: what a forecast's interval allows for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import add
from typing import Any

from refertrack.reports.frame import Group, View
from refertrack.reports.stream import histories, of_all, people, remembered, sales
from refertrack.rules.calibration import Past
from refertrack.rules.dates import add_months
from refertrack.rules.forecast import History, Key, expected
from refertrack.rules.looking_back import Sale, came, months_ahead, sums_on

POINTS = 12
Pasts = dict[Group, list[Past]]


def month_ends(view: View) -> Iterator[date]:
    """Give the ends of past months after which all the months looked ahead are over, the earliest first."""
    last = add_months(view.as_of + timedelta(days=1), -view.months).replace(day=1)
    for back in range(POINTS - 1, -1, -1):
        yield add_months(last, -back) - timedelta(days=1)


@dataclass(frozen=True)
class _Known:
    """All that the past forecasts of some groups are made of."""

    sales: dict[Group, Counter[Sale]]
    people: dict[Group, Counter[tuple[date, date]]]
    histories: dict[Group, list[History]]

    @property
    def groups(self) -> set[Group]:
        """The groups and currencies of which something is known."""
        return {*self.sales, *self.histories}

    def sums(self, group: Group, day: date, months: int) -> dict[Key, float]:
        """Return the sums of a group's forecast on a day."""
        customers = self.people.get((*group[:-1], ""), Counter())
        return sums_on(day, months, self.sales.get(group, Counter()), customers, self.histories.get(group, ()))


def past_forecasts(view: View) -> tuple[Pasts, Pasts]:
    """Return the forecasts of past month ends with what then came: of each group and currency, and of all together.

    Where nothing was expected there was no forecast.
    """
    parts = _known(lambda make: remembered(view, make))
    whole = _known(lambda make: of_all(view, make, add))
    own: Pasts = defaultdict(list)
    together: Pasts = defaultdict(list)
    for day in month_ends(view):
        span = months_ahead(day, view.months)
        rest = {group: whole.sums(group, day, view.months) for group in whole.groups}
        for known, found in [(whole, together), (parts, own)] if view.by else [(whole, together)]:
            for group in known.groups:
                sums = rest[group] if known is whole else known.sums(group, day, view.months)
                amount = expected(sums, view.months, rest.get(group[-1:], {})).total
                if amount > 0:
                    found[group].append(Past(amount, came(known.sales.get(group, {}), span, view.as_of)))
    return own if view.by else together, together


def _known(ask: Callable[[Any], Any]) -> _Known:
    return _Known(ask(sales), ask(people), ask(histories))

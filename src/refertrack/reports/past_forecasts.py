"""Earlier forecasts set against what then came: what a forecast's interval allows for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import add

from refertrack.reports.frame import CUSTOMER_DIMENSIONS, Group, View
from refertrack.reports.stream import histories, of_all, people, remembered, sales
from refertrack.rules.calibration import Past
from refertrack.rules.dates import add_months
from refertrack.rules.forecast import BAGS, History, Key, expected
from refertrack.rules.looking_back import Sale, came, months_ahead, sums_on

POINTS = 12
ENOUGH_REFERRALS = 2000
Pasts = dict[Group, list[Past]]


def month_ends(view: View) -> Iterator[date]:
    """Give the ends of past months after which all the months looked ahead are over, the earliest first."""
    last = add_months(view.as_of + timedelta(days=1), -view.months).replace(day=1)
    for back in range(POINTS - 1, -1, -1):
        yield add_months(last, -back) - timedelta(days=1)


@dataclass(frozen=True)
class _Known:
    """All that the past forecasts of some groups are made of; ``each`` referrer stands for so many."""

    sales: dict[Group, Counter[Sale]]
    people: dict[Group, Counter[tuple[date, date]]]
    histories: dict[Group, list[History]]
    each: int

    def sums(self, day: date, months: int) -> dict[Group, dict[Key, float]]:
        """Return the sums of each group's forecast on a day."""
        found = {}
        named = {*self.sales, *self.histories}
        buyers = {(*group[:-1], code) for group in self.people for code in {each[-1] for each in named}}
        for group in sorted(named | buyers):  # floats add up alike only in one order
            customers = self.people.get((*group[:-1], ""), Counter())
            sold, referred = self.sales.get(group, Counter()), self.histories.get(group, ())
            found[group] = sums_on(day, months, sold, customers, referred, self.each)
        return found


def past_forecasts(view: View) -> tuple[Pasts, Pasts]:
    """Return the forecasts of past month ends with what then came: of each group and currency, and of all together.

    Where nothing was expected there was no forecast.
    """
    whole = replace(view, by=())
    parts_add_up = all(name in CUSTOMER_DIMENSIONS for name in view.by)
    known, sold = _known(view), of_all(view, sales, add)
    all_known = known if parts_add_up else _known(whole)
    own: Pasts = defaultdict(list)
    together: Pasts = defaultdict(list)
    for day in month_ends(view):
        span, sums = months_ahead(day, view.months), known.sums(day, view.months)
        rest = _together(sums if parts_add_up else all_known.sums(day, view.months))
        for found, each, facts in ((together, rest, sold), (own, sums, known.sales)):
            for group, parts in each.items():
                amount = expected(parts, view.months, rest.get(group[-1:], {})).total
                if amount > 0:
                    found[group].append(Past(amount, came(facts.get(group, {}), span, view.as_of)))
    return own, together


def _known(view: View) -> _Known:
    """Look at the data once; of very many referrals those of a fixed sample of referrers tell the same."""
    found = remembered(view, histories)
    most = max((sum(len(each) for group, each in found.items() if group[-1] == code)
                for code in {group[-1] for group in found}), default=0)  # fmt: skip
    every = min(BAGS // 2, -(-most // ENOUGH_REFERRALS) or 1)
    sample = {group: [each for each in own if each.bag % every == 0] for group, own in found.items()}
    return _Known(remembered(view, sales), remembered(view, people), sample, every)


def _together(sums: dict[Group, dict[Key, float]]) -> dict[Group, dict[Key, float]]:
    """Add up groups by currency."""
    found: dict[Group, dict[Key, float]] = {}
    for group, parts in sums.items():
        whole = found.setdefault(group[-1:], defaultdict(float))
        for key, amount in parts.items():
            whole[key] += amount
    return found

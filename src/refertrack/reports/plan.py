"""Before and after a plan began: as many days on both sides, and whether a change is more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from refertrack.reports.frame import (
    CUSTOMER_DIMENSIONS,
    MANY_VALUED,
    Definition,
    Figure,
    Group,
    Line,
    Report,
    Value,
    View,
)
from refertrack.reports.measures import complaints, referrals, surveys
from refertrack.reports.sales import PRODUCT, WITH_PRODUCT, bag_of, standing, with_first
from refertrack.reports.tally import tally
from refertrack.rules.errors import BadValue
from refertrack.rules.forecast import BAGS
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.resampling import difference_of_sums
from refertrack.rules.statistics import Difference, Rate, difference_of_counts, difference_of_rates
from refertrack.store.dialect import between, day

EXISTING, REFERRALS, PARTICIPATION, SATISFIED, RECOVERED = (
    "revenue from existing", "referrals", "participation", "satisfied", "complaints recovered",
)  # fmt: skip
FIGURES = (
    Figure("before", "before", "in the days before the plan", "any", of=("before_count", "before_of")),
    Figure("now", "since", "in as many days since it began", "any", of=("now_count", "now_of")),
    Figure("change", "change", "since − before, with its 95 % interval: rates after Newcombe (1998b, method 10), counts"
           " as Poisson, revenue by bootstrap over customers; one that spans zero may be chance", "difference"),
)  # fmt: skip
DEFINITION = Definition(
    "growth",
    "Before and since the plan",
    FIGURES,
    measure=lambda _view: {},
    values=dict,
    dimensions=(*CUSTOMER_DIMENSIONS, *MANY_VALUED),
    own=("figure",),
)


def plan(view: View, start: date) -> Report:
    """Set the days since a plan began against as many before.

    Raises:
        BadValue: it has not begun yet.

    """
    if start >= view.today:
        raise BadValue(f"{start.isoformat()} has not come yet.", "Give the day on which the plan began.",
                       field="plan-start")  # fmt: skip
    since = Period(start, view.today)
    now, before = replace(view, period=since), replace(view, period=since.before())
    lines = [*_groups(now, before), *(_groups(replace(now, by=()), replace(before, by=())) if view.by else ())]
    width = len(view.by)
    rows = tuple(line for line in lines if len(line.group) == width + 1)
    total = tuple(line for line in lines if view.by and len(line.group) == 1)
    return Report(DEFINITION, view.by, since, view.where, rows, total, sentences=_sentences(rows, width),
                  following=("refertrack report growth --by quarter",))  # fmt: skip


def _groups(now: View, before: View) -> Iterator[Line]:
    asked = [_rates(now), _rates(before)]
    revenue = _revenue(now, before)
    for group in sorted({*asked[0], *asked[1], *(each[:-1] for each in revenue)}):
        for key, (earlier, later, change) in _figures(group, asked, revenue).items():
            if change is not None and (earlier or later):
                yield Line((*group, key), {"before": earlier, "now": later, "change": change})


def _figures(
    group: Group, asked: list[dict[Group, dict[str, Rate]]], revenue: Mapping[Group, tuple[int, int, Difference]]
) -> dict[str, tuple[Value, Value, Difference | None]]:
    found: dict[str, tuple[Value, Value, Difference | None]] = {}
    for (*own, code), (earlier, later, change) in sorted(revenue.items()):
        if tuple(own) == group:
            name = EXISTING if sum(key[:-1] == group for key in revenue) == 1 else f"{EXISTING}, {code}"
            found[name] = (Money(earlier, code), Money(later, code), change)
    now, before = (each.get(group, {}) for each in asked)
    empty = Rate(0, 0)
    counts = now.get(REFERRALS, empty).k, before.get(REFERRALS, empty).k
    found[REFERRALS] = (counts[1], counts[0], difference_of_counts(*counts))
    for name in (PARTICIPATION, SATISFIED, RECOVERED):
        later_rate, earlier_rate = now.get(name, empty), before.get(name, empty)
        found[name] = (earlier_rate, later_rate, difference_of_rates(later_rate, earlier_rate))
    return found


def _rates(view: View) -> dict[Group, dict[str, Rate]]:
    found: dict[Group, dict[str, Rate]] = {}
    for group, raw in referrals.measure(view).items():
        got = Counter({name: count for name, count in raw.items() if name != "days"})
        found.setdefault(group, {})[PARTICIPATION] = Rate(got["took_part"], got["customers"])
        found[group][REFERRALS] = Rate(got["referrals"], got["referrals"])
    for group, raw in complaints.counted_by_group(view).items():
        found.setdefault(group, {})[RECOVERED] = Rate(raw["recovered"], raw["old"])
    for group, raw in surveys.measure(view).items():
        if "satisfied" in raw:
            so_far = found.setdefault(group[:-1], {}).get(SATISFIED, Rate(0, 0))
            found[group[:-1]][SATISFIED] = Rate(so_far.k + raw["satisfied"], so_far.n + raw["answers"])
    return found


def _revenue(now: View, before: View) -> dict[Group, tuple[int, int, Difference]]:
    """Return revenue from existing customers before and since, with the interval of the difference."""
    earlier, later = _by_bag(before, now.as_of), _by_bag(now, now.as_of)
    found: dict[Group, tuple[int, int, Difference]] = {}
    for group in {*earlier, *later}:
        columns = [each.get(group, [0.0] * BAGS) for each in (earlier, later)]
        change = difference_of_sums(columns[1], columns[0], group[-1])
        found[group] = (round(sum(columns[0])), round(sum(columns[1])), change)
    return found


def _by_bag(view: View, as_of: date) -> dict[Group, list[float]]:
    found: dict[Group, list[float]] = {}
    sums = tally(
        view,
        with_first(WITH_PRODUCT, as_of),
        "purchase.customer_id",
        {"revenue": "sum(purchase.amount_minor)"},
        standing(as_of),
        between("purchase.ordered_on", view.period.since, view.as_of),
        f"first_purchase.first_on < {day(view.period.since)}",
        own=PRODUCT,
        more=[bag_of("purchase.customer_id"), "purchase.currency"],
    )
    for (*group, each, code), raw in sums.items():
        found.setdefault((*group, code), [0.0] * BAGS)[int(each)] += raw["revenue"]
    return found


def _sentences(rows: tuple[Line, ...], width: int) -> tuple[str, ...]:
    """Say what has clearly changed."""
    clear = []
    for line in rows:
        change = line.values["change"]
        if isinstance(change, Difference) and change.clear:
            where = f"{line.group[0] or '(none)'}: " if width else ""
            clear.append(f"{where}{line.group[-1]} {'rose' if change.value > 0 else 'fell'} by more than chance.")
    return tuple(clear[:3]) or (("No change is more than chance yet.",) if rows else ())

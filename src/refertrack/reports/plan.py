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
    Raw,
    Report,
    Value,
    View,
)
from refertrack.reports.measures import complaints, referrals, surveys
from refertrack.reports.sales import PRODUCT, WITH_PRODUCT, about_product, bag_of, standing, with_first
from refertrack.reports.sheet import NO_GROUP
from refertrack.reports.tally import tally
from refertrack.rules.errors import BadValue
from refertrack.rules.forecast import BAGS
from refertrack.rules.money import Money
from refertrack.rules.periods import Period
from refertrack.rules.resampling import difference_of_sums
from refertrack.rules.statistics import (
    TAIL95,
    Z95,
    Difference,
    Rate,
    difference_of_counts,
    difference_of_rates,
    normal_point,
)
from refertrack.store.dialect import between, day

MOST_SENTENCES = 3
EXISTING, REFERRALS, PARTICIPATION, SATISFIED, RECOVERED = (
    "revenue from existing", "referrals", "participation", "satisfied", "complaints recovered",
)  # fmt: skip
FIGURES = (
    Figure("before", "before", "in the days before the plan", "any", of=("before_count", "before_of")),
    Figure("now", "since", "in as many days since it began", "any", of=("now_count", "now_of")),
    Figure("change", "change", "since − before, with its 95 % interval: rates after Newcombe (1998b, method 10), counts"
           " by the exact limits of each (Garwood 1936) brought together after Zou and Donner (2008), revenue by"
           " bootstrap over customers; one that spans zero may be chance", "difference"),
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
        raise BadValue(
            f"Of a plan that begins on {start.isoformat()} nothing is known yet.",
            "Give the day on which the plan began.",
            field="plan-start",
        )
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
    for group, raw in _satisfied(view).items():
        found.setdefault(group, {})[SATISFIED] = Rate(raw["satisfied"], raw["customers"])
    return found


def _satisfied(view: View) -> dict[Group, Raw]:
    """Count each customer who answered once, whatever the number of questions: the answers of one are no news apart.

    Grouped by product, a customer counts once for each purchase that was asked about.
    """
    asked_product = "product" in {*view.by, *(name for name, _ in view.where)}
    whose = "latest.customer_id" + (", latest.purchase_id" if asked_product else "")
    content = f"sum(latest.value) >= {surveys.SATISFIED_FROM} * count(*)"
    each = (
        f"(SELECT {whose}, CASE WHEN {content} THEN 1 ELSE 0 END AS content"
        f" FROM {surveys.latest_scores(view)} GROUP BY {whose}) AS answering"
    )
    rows = about_product(each, "answering") if asked_product else each
    counts = {"customers": "count(*)", "satisfied": "sum(answering.content)"}
    return tally(view, rows, "answering.customer_id", counts, own=PRODUCT if asked_product else None)


def _revenue(now: View, before: View) -> dict[Group, tuple[int, int, Difference]]:
    """Return revenue from existing customers before and since, each as it stood on its last day, and the change."""
    earlier, later = _by_bag(before), _by_bag(now)
    found: dict[Group, tuple[int, int, Difference]] = {}
    for group in {*earlier, *later}:
        columns = [each.get(group, [0.0] * BAGS) for each in (earlier, later)]
        change = difference_of_sums(columns[1], columns[0], group[-1])
        found[group] = (round(sum(columns[0])), round(sum(columns[1])), change)
    return found


def _by_bag(view: View) -> dict[Group, list[float]]:
    found: dict[Group, list[float]] = {}
    sums = tally(
        view,
        with_first(WITH_PRODUCT, view.as_of),
        "purchase.customer_id",
        {"revenue": "sum(purchase.amount_minor)"},
        standing(view.as_of),
        between("purchase.ordered_on", view.period.since, view.as_of),
        f"first_purchase.first_on < {day(view.period.since)}",
        own=PRODUCT,
        more=[bag_of("purchase.customer_id"), "purchase.currency"],
    )
    for (*group, each, code), raw in sums.items():
        found.setdefault((*group, code), [0.0] * BAGS)[int(each)] += raw["revenue"]
    return found


def _sentences(rows: tuple[Line, ...], width: int) -> tuple[str, ...]:
    """Say what has clearly changed; among groups, only what is more than chance for all that is looked at."""
    looked_at = len(rows) if width else 1
    clear = []
    for line in rows:
        change = _allowing(line, looked_at)
        if change is not None and change.clear:
            where = f"{' × '.join(name or NO_GROUP for name in line.group[:width])}: " if width else ""
            clear.append(f"{where}{line.group[-1]} {'rose' if change.value > 0 else 'fell'} by more than chance.")
    if clear or not rows:
        return tuple(clear[:MOST_SENTENCES])
    return (f"No change is more than chance yet{f', of {looked_at} looked at' if looked_at > 1 else ''}.",)


def _allowing(line: Line, looked_at: int) -> Difference | None:
    """Return a change with an interval so wide that all of so many hold with 95 % (Bonferroni)."""
    before, now, change = (line.values[key] for key in ("before", "now", "change"))
    tail = TAIL95 / looked_at
    if isinstance(now, Rate) and isinstance(before, Rate):
        return difference_of_rates(now, before, tail)
    if isinstance(now, int) and isinstance(before, int):
        return difference_of_counts(now, before, tail)
    return change.stretched(normal_point(tail) / Z95) if isinstance(change, Difference) else None

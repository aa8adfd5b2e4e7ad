"""The strength of the revenue stream: what the next months bring by referral and from existing customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from operator import add

from refertrack.reports import past
from refertrack.reports.frame import Definition, Figure, Group, Raw, Report, Value, View
from refertrack.reports.past_forecasts import past_forecasts
from refertrack.reports.sales import WITH_PRODUCT, bag_of, first_purchases, standing, with_first
from refertrack.reports.stream import histories, of_all, remembered
from refertrack.reports.tally import tally
from refertrack.rules.calibration import ENOUGH, TrackRecord, allowance, allowing, track_record
from refertrack.rules.dates import add_months
from refertrack.rules.forecast import Columns, collect, forecast
from refertrack.rules.looking_back import exposed, year_until
from refertrack.rules.money import Money
from refertrack.rules.periods import NEVER
from refertrack.rules.statistics import Middle
from refertrack.store.dialect import between, day

UNTRIED = (
    "Too few earlier forecasts can be set against what came: the interval covers chance between customers alone, and"
    " not times that change."
)

FIGURES = (
    Figure("open", "open", "referrals still open"),
    Figure("pipeline", "from these", "referrals still open × the share that referrals of that state and age went on to"
           " win × the mean revenue of a won customer in the months that remain", "money"),
    Figure("coming", "from new ones", "valid referrals a month, as in the last 12 × the share won in the months that"
           " remain × the mean revenue of a won customer after the win", "money"),
    Figure("existing", "from existing", "customers who have bought × what one of them bought in a month, the mean of"
           " the last 12 months (from the month after the first purchase on)", "money"),
    Figure("total", "together", "all three", "money"),
    Figure("low", "at least", "the lower end of the 80 % interval: bootstrap over customers (fixed seed), or as far"
           " down as four fifths of the earlier forecasts missed, whichever is lower", "money"),
    Figure("high", "at most", "the upper end of the 80 % interval, in the same way", "money"),
    Figure("tried", "tried", "earlier month ends, at most 12, whose forecast can be set against what came",
           detail=True),
    Figure("below", "less came", "how often less came than was forecast", detail=True),
    Figure("miss", "missed by", "the middle of (fact − forecast) ÷ forecast, in percent", "number", detail=True),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Return the forecast of each group and currency for the months after the day."""
    rest = {group[-1]: columns.total() for group, columns in of_all(view, _columns, add).items()}
    found: dict[Group, Raw] = {}
    for group, columns in sorted(remembered(view, _columns).items()):
        outlook = forecast(columns, view.months, rest.get(group[-1], {}))
        if outlook.open or outlook.high:
            found[group] = {"forecast": outlook}
    return _calibrated(view, found) if found else {}


def _calibrated(view: View, found: dict[Group, Raw]) -> dict[Group, Raw]:
    """Let each interval allow for how far earlier forecasts missed: the group's own, else those of all."""
    own, together = past_forecasts(view)
    for group, raw in found.items():
        tried = own.get(group, [])
        if allowance(tried) is None:
            tried = together.get(group[-1:], [])
        raw |= {"forecast": allowing(raw["forecast"], tried), "record": track_record(tried)}
    return found


def _columns(view: View) -> dict[Group, Columns]:
    """Add up the history of each group by bag, apart by currency."""
    found: dict[Group, Columns] = defaultdict(Columns)
    revenue, year = _existing(view), year_until(view.as_of)
    for group, referred in remembered(view, histories).items():
        collect(referred, view.as_of, view.months, found[group])
    for (*own, bag, code), raw in revenue.items():
        found[(*own, code)].add(int(bag), ("existing",), raw["revenue"])
    codes = {view.currency} | {group[-1] for group in found}
    for (*own, bag, month), raw in _buyers(view).items():
        months = exposed(date.fromisoformat(month), year)
        for code in codes:
            found[(*own, code)].add(int(bag), ("buyers",), raw["customers"])
            found[(*own, code)].add(int(bag), ("exposed",), raw["customers"] * months)
    return found


def _existing(view: View) -> dict[Group, Raw]:
    """Add up what customers bought in 12 months, from the month after their first purchase on, by bag."""
    year, who = year_until(view.as_of), "purchase.customer_id"
    rows, left = past.with_leaving(with_first(WITH_PRODUCT, view.as_of), view, who)
    return tally(
        view,
        rows,
        who,
        {"revenue": "sum(purchase.amount_minor)"},
        f"{left} = {day(NEVER)}",
        standing(view.as_of),
        between("purchase.ordered_on", year.since, year.until),
        f"first_purchase.first_on < {view.reader.dialect.month_start('purchase.ordered_on')}",
        more=[bag_of(who), "purchase.currency"],
    )


def _buyers(view: View) -> dict[Group, Raw]:
    """Count the customers who have bought, by bag and by the month of their first purchase."""
    since, who = year_until(view.as_of).since.replace(day=1), "first_purchase.customer_id"
    first_on = "first_purchase.first_on"
    rows, left = past.with_leaving(first_purchases(view.as_of), view, who)
    long_ago = day(add_months(since, -1))
    month = f"CASE WHEN {first_on} < {day(since)} THEN {long_ago} ELSE {view.reader.dialect.month_start(first_on)} END"
    return tally(view, rows, who, {"customers": "count(*)"}, f"{left} = {day(NEVER)}", more=[bag_of(who), month])


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the forecast."""
    outlook, code = raw["forecast"], str(raw["currency"])
    names = ("pipeline", "coming", "existing", "total", "low", "high")
    money = {name: Money(round(getattr(outlook, name)), code) for name in names}
    record: TrackRecord = raw.get("record", track_record([]))
    miss = Middle(100 * record.middle if record.tried else None, record.tried)
    return {"open": outlook.open, **money, "tried": record.tried, "below": record.below, "miss": miss}


def said(report: Report) -> tuple[str, ...]:
    """Say how earlier forecasts of all together did, or that there were too few to tell."""
    found = []
    for line in report.total if report.by else report.rows:
        tried, below, miss, money = (line.values[key] for key in ("tried", "below", "miss", "total"))
        if not (isinstance(tried, int) and isinstance(miss, Middle) and isinstance(money, Money)):
            continue
        if tried < ENOUGH or miss.value is None:
            found.append(UNTRIED)
            continue
        found.append(
            f"{money.currency}: less came than was forecast at {below} of the last {tried} month ends, in the middle"
            f" {abs(miss.value):.0f}% {'less' if miss.value < 0 else 'more'}. The interval allows for such misses."
        )
    return tuple(dict.fromkeys(found))


DEFINITION = Definition(
    "strength",
    "Strength of the revenue stream",
    FIGURES,
    measure,
    values,
    own=("currency",),
    crossed="total",
    between=("low", "high"),
    apart=False,
    ahead=True,
    said=said,
    then=("refertrack report strength --backtest",),
)

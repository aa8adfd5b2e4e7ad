"""What stands out in a report, in one plain sentence, and what to do: only where the statistics carry it."""

from __future__ import annotations

from refertrack.reports.frame import Report, View
from refertrack.rules.statistics import Rate

CLEARLY = 0.05
SENTENCES = 3


def sentences(report: Report, view: View) -> tuple[str, ...]:  # noqa: ARG001 - reasons are asked of it
    """Say which groups differ clearly from the rest."""
    rates = {line.group: line.values[report.definition.main] for line in report.rows if report.p_values}
    found = []
    for group, p_value in sorted(report.p_values.items(), key=lambda pair: pair[1])[:SENTENCES]:
        own, rest = rates[group], _rest(report, group)
        if p_value >= CLEARLY or not isinstance(own, Rate) or own.value is None or rest.value is None:
            continue
        more = "more" if own.value > rest.value else "less"
        found.append(
            f"{group[0] or '(none)'} {report.definition.stands_out} clearly {more} than the rest:"
            f" {own.value:.0%} of {own.n} against {rest.value:.0%} of {rest.n}."
        )
    return tuple(found)


def following(report: Report) -> tuple[str, ...]:
    """Return the commands that one would type next."""
    other = "owner" if report.by == ("segment",) else "segment"
    return (f"refertrack report {report.definition.name} --by {other}", 'refertrack report --since "this quarter"')


def _rest(report: Report, group: tuple[str, ...]) -> Rate:
    """Return all other groups together."""
    k = n = 0
    for line in report.rows:
        rate = line.values[report.definition.main]
        if line.group != group and isinstance(rate, Rate):
            k, n = k + rate.k, n + rate.n
    return Rate(k, n)

"""What stands out in a report, in one plain sentence, and what to do: only where the statistics carry it."""

from __future__ import annotations

from dataclasses import replace

from refertrack.reports.frame import Report, View, run
from refertrack.rules.statistics import Rate

CLEARLY = 0.05
SENTENCES = 3
# What to do about a group that stands below the rest, for each report; {where} names the group.
_BELOW = {
    "referrals": "refertrack report reasons --where {where}",
    "asks": "refertrack report reasons --where {where}",
    "service": "refertrack report complaints --by process --where {where}",
    "complaints": "refertrack report complaints --by process --where {where}",
    "growth": "refertrack report referrals --where {where}",
}


def sentences(report: Report, view: View) -> tuple[str, ...]:
    """Say which groups differ clearly from the rest, and the reason given most where one refers less."""
    found = []
    for group, own, rest in _different(report)[:SENTENCES]:
        more = "more" if (own.value or 0) > (rest.value or 0) else "less"
        found.append(
            f"{group[0] or '(none)'} {report.definition.stands_out} clearly {more} than the rest:"
            f" {own.value:.0%} of {own.n:,} against {rest.value:.0%} of {rest.n:,}."
            + (_reason(report, view, group[0]) if more == "less" else "")
        )
    return tuple(found)


def following(report: Report) -> tuple[str, ...]:
    """Return the commands that one would type next: about the group that stands below the rest, if one does."""
    name = report.definition.name
    for group, own, rest in _different(report):
        if (own.value or 0) < (rest.value or 0) and group[0]:
            value = f'"{group[0]}"' if " " in group[0] else group[0]
            first = _BELOW.get(name, "").format(where=f"{report.by[0]}={value}")
            ready = f"refertrack ready --segment {value}" if report.by == ("segment",) and name != "service" else ""
            return tuple(words for words in (first, ready) if words)
    other = "owner" if report.by == ("segment",) else "segment"
    then = report.definition.then or (f'refertrack report {name} --since "this quarter"',)
    return (f"refertrack report {name} --by {other}", *then)


def _different(report: Report) -> list[tuple[tuple[str, ...], Rate, Rate]]:
    """Return the groups that differ clearly, with all others together, the clearest first."""
    found = []
    for group, p_value in sorted(report.p_values.items(), key=lambda pair: pair[1]):
        own = next(line.values.get(report.definition.main) for line in report.rows if line.group[:1] == group)
        rest = _rest(report, group)
        if p_value < CLEARLY and isinstance(own, Rate) and own.value is not None and rest.value is not None:
            found.append((group, own, rest))
    return found


def _rest(report: Report, group: tuple[str, ...]) -> Rate:
    """Return all other groups together."""
    k = n = 0
    for line in report.rows:
        rate = line.values.get(report.definition.main)
        if line.group[:1] != group and isinstance(rate, Rate):
            k, n = k + rate.k, n + rate.n
    return Rate(k, n)


def _reason(report: Report, view: View, group: str) -> str:
    """Return the reason that a group gave most for not referring, with its count."""
    if report.definition.name not in {"referrals", "asks"} or report.by[0] in {"product", "tag"}:
        return ""
    from refertrack.reports.measures.reasons import DEFINITION

    asked = replace(view, by=(), where=(*view.where, (report.by[0], group)))
    for line in run(DEFINITION, asked).rows[:1]:
        share = line.values["share"]
        if isinstance(share, Rate):
            return f' The reason given most: "{line.group[-1]}" ({share.k:,} of {share.n:,}).'
    return ""

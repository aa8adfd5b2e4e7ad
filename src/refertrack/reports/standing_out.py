"""What stands out in a report, in one plain sentence, and what to do: only where the statistics carry it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from shlex import quote

from refertrack.reports.frame import Group, Report, View, families, run
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
    "surveys": "refertrack report complaints --by process --where {where}",
}
_ASK_MORE = ("referrals", "asks", "growth")


@dataclass(frozen=True)
class Standing:
    """A group that differs clearly from all others together, in the report's main figure."""

    group: Group
    own: Rate
    rest: Rate

    @property
    def below(self) -> bool:
        """Whether its figure is the smaller one."""
        return (self.own.value or 0) < (self.rest.value or 0)


def sentences(report: Report, view: View) -> tuple[str, ...]:
    """Say which groups differ clearly from the rest, and the reason given most where one refers less."""
    found = []
    for each in different(report)[:SENTENCES]:
        own = each.group[1] if len(each.group) > 1 else ""
        words = report.definition.stands_out_in.get(own, report.definition.stands_out).format(own=own)
        found.append(
            f"{each.group[0] or '(none)'} {words} clearly {'less' if each.below else 'more'} than the rest:"
            f" {each.own.value:.0%} of {each.own.n:,} against {each.rest.value:.0%} of {each.rest.n:,}."
            + (_reason(report, view, each.group[0]) if each.below else "")
        )
    return tuple(found)


def following(report: Report) -> tuple[str, ...]:
    """Return the commands that one would type next: about the group that stands below the rest, if one does."""
    name = report.definition.name
    for each in different(report):
        if each.below and each.group[0] and name in _BELOW:
            first = _BELOW[name].format(where=quote(f"{report.by[0]}={each.group[0]}"))
            if report.by == ("segment",) and name in _ASK_MORE:
                return first, f"refertrack ready --segment {quote(each.group[0])}"
            return (first,)
    other = "owner" if report.by == ("segment",) else "segment"
    then = report.definition.then or (f'refertrack report {name} --since "this quarter"',)
    return (f"refertrack report {name} --by {other}", *then)


def different(report: Report) -> list[Standing]:
    """Return the groups that differ clearly from all others together, the clearest first.

    Of two groups alone each is the other's rest: the one below is named.
    """
    found = []
    for family in families(report) if report.p_values else ():
        k, n = sum(rate.k for rate in family.values()), sum(rate.n for rate in family.values())
        two = sum(rate.n > 0 for rate in family.values()) == 2
        for group, own in family.items():
            each = Standing(group, own, Rate(k - own.k, n - own.n))
            if report.p_values.get(group, 1.0) < CLEARLY and (each.below or not two):
                found.append(each)
    return sorted(found, key=lambda each: report.p_values[each.group])


def _reason(report: Report, view: View, group: str) -> str:
    """Return the reason that a group gave most for not referring, with its count."""
    if report.definition.name not in {"referrals", "asks"}:
        return ""
    from refertrack.reports.measures.reasons import DEFINITION

    asked = replace(view, by=(), where=(*view.where, (report.by[0], group)))
    for line in run(DEFINITION, asked).rows[:1]:
        share = line.values["share"]
        if isinstance(share, Rate):
            return f' The reason given most: "{line.group[-1]}" ({share.k:,} of {share.n:,}).'
    return ""

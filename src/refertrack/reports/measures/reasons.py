"""Why customers do not refer: the reasons they gave."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import case, func

from refertrack.reports import tables
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View
from refertrack.reports.tally import tally
from refertrack.rules.statistics import Rate
from refertrack.rules.words import AskState

_ask = tables.ask
_given, _kept = tables.reason.alias("given"), tables.reason.alias("kept")
NO_ONE = "no one in mind"
UNSAID = "no reason given"

FIGURES = (
    Figure("share", "given", "of the requests that were declined, or answered that no one comes to mind, in the"
           " period, those for which this reason was given", "rate", of=("count", "answers")),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count the reasons of the requests that were answered with a no in the period, the most frequent first."""
    rows = _ask.outerjoin(_given, _given.c.id == _ask.c.reason_id).outerjoin(_kept, _kept.c.id == _given.c.merged_into)
    said = func.coalesce(_kept.c.words, _given.c.words, func.nullif(_ask.c.reason_words, ""))
    words = func.coalesce(said, case((_ask.c.state == AskState.NO_ONE, NO_ONE), else_=UNSAID))
    found = tally(
        view,
        rows,
        _ask.c.customer_id,
        {"count": func.count()},
        _ask.c.state.in_([AskState.DECLINED, AskState.NO_ONE]),
        _ask.c.answered_on.between(view.period.since, view.as_of),
        more=[words.label("reason")],
    )
    answers: dict[Group, int] = {}
    for group, raw in found.items():
        answers[group[:-1]] = answers.get(group[:-1], 0) + raw["count"]
    ordered = sorted(found.items(), key=lambda each: (-each[1]["count"], each[0][-1]))
    return {group: {**raw, "answers": answers[group[:-1]]} for group, raw in ordered}


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts."""
    return {"share": Rate(raw["count"], raw["answers"])}


DEFINITION = Definition(
    "reasons",
    "Reasons for not referring",
    FIGURES,
    measure,
    values,
    own=("reason",),
    main="share",
    apart=False,
    stands_out='gives "{own}" as the reason',
    absent_is_none=True,
    then=("refertrack report asks --detail",),
)

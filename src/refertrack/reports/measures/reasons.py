"""Why customers do not refer: the reasons they gave."""

from __future__ import annotations

from collections.abc import Mapping

from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View
from refertrack.reports.tally import tally
from refertrack.rules.statistics import Rate
from refertrack.rules.words import AskState
from refertrack.store.dialect import between, listed

ROWS = (
    "ask LEFT JOIN reason AS given ON given.id = ask.reason_id LEFT JOIN reason AS kept ON kept.id = given.merged_into"
)
NO_ONE = "no one in mind"
UNSAID = "no reason given"
WORDS = (
    "coalesce(kept.words, given.words, nullif(ask.reason_words, ''),"
    f" CASE WHEN ask.state = '{AskState.NO_ONE}' THEN '{NO_ONE}' ELSE '{UNSAID}' END)"
)

FIGURES = (
    Figure("share", "given", "of the requests that were declined, or answered that no one comes to mind, in the"
           " period, those for which this reason was given", "rate", of=("count", "answers")),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count the reasons of the requests that were answered with a no in the period, the most frequent first."""
    found = tally(
        view,
        ROWS,
        "ask.customer_id",
        {"count": "count(*)"},
        f"ask.state IN ({listed(AskState.DECLINED, AskState.NO_ONE)})",
        between("ask.answered_on", view.period.since, view.as_of),
        more=[WORDS],
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

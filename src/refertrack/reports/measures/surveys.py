"""What customers say of us: scores, recommendation, and whether they do what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.sales import PRODUCT, about_product
from refertrack.reports.tally import tally
from refertrack.rules.statistics import Middle, Rate, Score
from refertrack.rules.surveys import DETRACTOR_UP_TO
from refertrack.rules.words import AskState, ReferralState
from refertrack.store.dialect import between, counted, day

SATISFIED_FROM, PROMOTER_FROM = 4, 9
INVITED_DAYS, SAID_DAYS = 30, 90
SCORED = "survey JOIN survey_answer ON survey_answer.survey_id = survey.id"
WOULD, HAS, RESPONSE, UNINVITED, GAP = (
    "would recommend", "has recommended", "response", "without an invitation", "said, not done",
)  # fmt: skip

FIGURES = (
    Figure("answers", "answers", "answers in the period, the latest of each customer"),
    Figure("share", "share", "of the answers from 0 to 5, those of 4 or 5; of those asked whether they have"
           " recommended us, yes; of those invited at least 30 days ago and reached, those who completed; of those who"
           " said they would recommend (9 or 10, or agreed to a request) at least 90 days ago, those without a"
           " referral or recommendation since", "rate", of=("count", "of")),
    Figure("mean", "mean", "mean of the answers", "number", of=("", "answers")),
    Figure("nps", "score", "of the answers from 0 to 10 alone: the percentage of 9 and 10 less that of 0 to 6",
           "score", of=("", "answers")),
)  # fmt: skip


def measure(view: View) -> dict[Group, Raw]:
    """Count the answers to each question."""
    return merged(_scores(view), _would(view), _has(view), _gap(view), _response(view))


def _latest(
    view: View, value: str, counts: Mapping[str, str], rows: str = "survey", *question: str
) -> dict[Group, Raw]:
    """Count the latest answer of each customer (to each question) in the period."""
    latest = _ranked(view, value, rows, *question)
    more = ["latest.question"] if question else []
    counts = {"answers": "count(*)", **counts}
    return tally(view, about_product(latest, "latest"), "latest.customer_id", counts, own=PRODUCT, more=more)


def latest_scores(view: View) -> str:
    """Return the latest answer from 0 to 5 of each customer to each question in the period, as ``latest``."""
    return _ranked(view, "survey_answer.score", SCORED, "survey_answer.question")


def _ranked(view: View, value: str, rows: str, *question: str) -> str:
    whose = ", ".join(("survey.customer_id", *question))
    ranked = (
        f"SELECT {whose}, survey.purchase_id, {value} AS value, row_number() OVER (PARTITION BY {whose}"
        f" ORDER BY survey.answered_on DESC, survey.id DESC) AS place FROM {rows}"
        f" WHERE {_answered(view)} AND {value} IS NOT NULL"
    )
    return f"(SELECT * FROM ({ranked}) AS ranked WHERE place = 1) AS latest"


def _answered(view: View) -> str:
    return between("survey.answered_on", view.period.since, view.as_of)


def _named(question: str, found: dict[Group, Raw]) -> dict[Group, Raw]:
    return {(*group, question): raw for group, raw in found.items()}


def _scores(view: View) -> dict[Group, Raw]:
    counts = {"satisfied": counted(f"latest.value >= {SATISFIED_FROM}"), "sum": "sum(latest.value)"}
    return _latest(view, "survey_answer.score", counts, SCORED, "survey_answer.question")


def _would(view: View) -> dict[Group, Raw]:
    counts = {
        "promoters": counted(f"latest.value >= {PROMOTER_FROM}"),
        "detractors": counted(f"latest.value <= {DETRACTOR_UP_TO}"),
        "sum": "sum(latest.value)",
    }
    return _named(WOULD, _latest(view, "survey.would_recommend", counts))


def _has(view: View) -> dict[Group, Raw]:
    said = "CASE WHEN survey.has_recommended IS TRUE THEN 1 WHEN survey.has_recommended IS FALSE THEN 0 END"
    return _named(HAS, _latest(view, said, {"yes": "sum(latest.value)"}))


def _response(view: View) -> dict[Group, Raw]:
    rows, who = about_product("survey", "survey"), "survey.customer_id"
    reached = (
        between("survey.invited_on", view.period.since, view.as_of - timedelta(days=INVITED_DAYS)),
        "survey.undeliverable IS FALSE",
    )
    counts = {"invited": "count(*)", "completed": counted(f"survey.answered_on <= {day(view.as_of)}")}
    unasked = ("survey.invited_on IS NULL", _answered(view))
    return {
        **_named(RESPONSE, tally(view, rows, who, counts, *reached, own=PRODUCT)),
        **_named(UNINVITED, tally(view, rows, who, {"answers": "count(*)"}, *unasked, own=PRODUCT)),
    }


def _gap(view: View) -> dict[Group, Raw]:
    rows = f"{_said(view)} LEFT JOIN {_did(view)} ON did.customer_id = said.customer_id"
    counts = {"said": "count(*)", "not_done": counted("NOT coalesce(did.on_day >= said.on_day, FALSE)")}
    return _named(GAP, tally(view, rows, "said.customer_id", counts))


def _said(view: View) -> str:
    """Return the day on which each customer first said in the period that they would."""
    long_ago = view.as_of - timedelta(days=SAID_DAYS)
    agreed = f"state = '{AskState.AGREED}'"
    words = (
        f"SELECT customer_id, answered_on AS on_day FROM survey WHERE would_recommend >= {PROMOTER_FROM}"
        f" UNION ALL SELECT customer_id, CASE WHEN {agreed} THEN answered_on ELSE sent_on END FROM ask"
        f" WHERE {agreed} OR (state = '{AskState.NAMED}' AND promised_on IS NOT NULL)"
    )
    return (
        f"(SELECT customer_id, min(on_day) AS on_day FROM ({words}) AS words"
        f" WHERE {between('words.on_day', view.period.since, long_ago)} GROUP BY customer_id) AS said"
    )


def _did(view: View) -> str:
    """Return the day of each customer's last referral or recommendation."""
    deeds = (
        "SELECT referrer_id AS customer_id, received_on AS on_day FROM referral"
        f" WHERE state <> '{ReferralState.DISQUALIFIED}'"
        " UNION ALL SELECT customer_id, told_on FROM recommendation"
    )
    return (
        f"(SELECT customer_id, max(on_day) AS on_day FROM ({deeds}) AS deeds"
        f" WHERE deeds.on_day <= {day(view.as_of)} GROUP BY customer_id) AS did"
    )


def values(raw: Raw) -> Mapping[str, Value]:
    """Make the figures of the counts: which they are tells which question it was."""
    answers: int = next((raw[name] for name in ("answers", "said", "completed") if name in raw), 0)
    share = next((Rate(raw[top], raw[bottom]) for top, bottom in _SHARES if top in raw), None)
    score = Score(raw["promoters"], raw["detractors"], answers) if "promoters" in raw else None
    mean = Middle(raw["sum"] / answers, answers) if "sum" in raw and answers else None
    return {"answers": answers, "share": share, "mean": mean, "nps": score}


_SHARES = (("satisfied", "answers"), ("yes", "answers"), ("completed", "invited"), ("not_done", "said"))

DEFINITION = Definition(
    "surveys",
    "What customers say",
    FIGURES,
    measure,
    values,
    own=("question",),
    main="share",
    stands_out='answers 4 or 5 to "{own}"',
    stands_out_in={
        HAS: "says that it has recommended us",
        RESPONSE: "answers invitations",
        GAP: "says that it would recommend us, and does not,",
    },
)

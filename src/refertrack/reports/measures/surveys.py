"""What customers say of us: scores, recommendation, and whether they do what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select, union_all

from refertrack.reports import tables
from refertrack.reports.frame import Definition, Figure, Group, Raw, Value, View, merged
from refertrack.reports.groups import counted
from refertrack.reports.tally import tally
from refertrack.rules.statistics import Middle, Rate, Score
from refertrack.rules.surveys import DETRACTOR_UP_TO
from refertrack.rules.words import AskState, ReferralState

_survey, _answer = tables.survey, tables.survey_answer
_ask, _referral, _recommendation = tables.ask, tables.referral, tables.recommendation
_purchase, _product = tables.purchase, tables.product
SATISFIED_FROM, PROMOTER_FROM = 4, 9
INVITED_DAYS, SAID_DAYS = 30, 90
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


def _own(survey: Any) -> tuple[Any, Mapping[str, ColumnElement[str]]]:
    """Join surveys with the product of the purchase that they are about."""
    bought = _purchase.outerjoin(_product, _product.c.id == _purchase.c.product_id)
    return survey.outerjoin(bought, _purchase.c.id == survey.c.purchase_id), {
        "product": func.coalesce(_product.c.name, "")
    }


def _latest(view: View, value: ColumnElement[Any], source: Any, question: ColumnElement[str] | None = None) -> Subquery:
    """Return the latest answer of each customer (to each question) in the period."""
    named = [] if question is None else [question]
    place = func.row_number().over(
        partition_by=(_survey.c.customer_id, *named), order_by=(_survey.c.answered_on.desc(), _survey.c.id.desc())
    )
    ranked = (
        select(_survey.c.customer_id, _survey.c.purchase_id, value.label("value"), place.label("place"), *named)
        .select_from(source)
        .where(_survey.c.answered_on.between(view.period.since, view.as_of), value.is_not(None))
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery("latest_answer")


def _named(question: str, found: dict[Group, Raw]) -> dict[Group, Raw]:
    return {(*group, question): raw for group, raw in found.items()}


def _scores(view: View) -> dict[Group, Raw]:
    answered = _survey.join(_answer, _answer.c.survey_id == _survey.c.id)
    found = _latest(view, _answer.c.score, answered, _answer.c.question)
    rows, own = _own(found)
    counts = {
        "answers": func.count(),
        "satisfied": counted(found.c.value >= SATISFIED_FROM),
        "sum": func.sum(found.c.value),
    }
    return tally(view, rows, found.c.customer_id, counts, own=own, more=[found.c.question])


def _would(view: View) -> dict[Group, Raw]:
    found = _latest(view, _survey.c.would_recommend, _survey)
    rows, own = _own(found)
    counts = {
        "answers": func.count(),
        "promoters": counted(found.c.value >= PROMOTER_FROM),
        "detractors": counted(found.c.value <= DETRACTOR_UP_TO),
        "sum": func.sum(found.c.value),
    }
    return _named(WOULD, tally(view, rows, found.c.customer_id, counts, own=own))


def _has(view: View) -> dict[Group, Raw]:
    said = case((_survey.c.has_recommended.is_(True), 1), (_survey.c.has_recommended.is_(False), 0))
    found = _latest(view, said, _survey)
    rows, own = _own(found)
    counts = {"answers": func.count(), "yes": func.sum(found.c.value)}
    return _named(HAS, tally(view, rows, found.c.customer_id, counts, own=own))


def _response(view: View) -> dict[Group, Raw]:
    rows, own = _own(_survey)
    who = _survey.c.customer_id
    answered = and_(_survey.c.answered_on.is_not(None), _survey.c.answered_on <= view.as_of)
    invited = tally(
        view,
        rows,
        who,
        {"invited": func.count(), "completed": counted(answered)},
        _survey.c.invited_on.between(view.period.since, view.as_of - timedelta(days=INVITED_DAYS)),
        _survey.c.undeliverable.is_(False),
        own=own,
    )
    unasked = (_survey.c.invited_on.is_(None), _survey.c.answered_on.between(view.period.since, view.as_of))
    by_phone = tally(view, rows, who, {"answers": func.count()}, *unasked, own=own)
    return {**_named(RESPONSE, invited), **_named(UNINVITED, by_phone)}


def _gap(view: View) -> dict[Group, Raw]:
    said, did = _said(view), _did(view)
    rows = said.outerjoin(did, did.c.customer_id == said.c.customer_id)
    done = func.coalesce(did.c.on_day >= said.c.on_day, False)
    counts = {"said": func.count(), "not_done": counted(~done)}
    return _named(GAP, tally(view, rows, said.c.customer_id, counts))


def _said(view: View) -> Subquery:
    """Return the day on which each customer first said in the period that they would."""
    long_ago = view.as_of - timedelta(days=SAID_DAYS)
    agreed_on = case((_ask.c.state == AskState.AGREED, _ask.c.answered_on), else_=_ask.c.sent_on)
    kept = and_(_ask.c.state == AskState.NAMED, _ask.c.promised_on.is_not(None))
    words = union_all(
        select(_survey.c.customer_id, _survey.c.answered_on.label("on_day")).where(
            _survey.c.would_recommend >= PROMOTER_FROM
        ),
        select(_ask.c.customer_id, agreed_on.label("on_day")).where((_ask.c.state == AskState.AGREED) | kept),
    ).subquery()
    return (
        select(words.c.customer_id, func.min(words.c.on_day).label("on_day"))
        .where(words.c.on_day.between(view.period.since, long_ago))
        .group_by(words.c.customer_id)
        .subquery("said")
    )


def _did(view: View) -> Subquery:
    """Return the day of each customer's last referral or recommendation."""
    deeds = union_all(
        select(_referral.c.referrer_id.label("customer_id"), _referral.c.received_on.label("on_day")).where(
            _referral.c.state != ReferralState.DISQUALIFIED
        ),
        select(_recommendation.c.customer_id, _recommendation.c.told_on.label("on_day")),
    ).subquery()
    return (
        select(deeds.c.customer_id, func.max(deeds.c.on_day).label("on_day"))
        .where(deeds.c.on_day <= view.as_of)
        .group_by(deeds.c.customer_id)
        .subquery("did")
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

"""What a form's export can tell about answers to the survey: Google Forms, Typeform, SurveyMonkey and others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from refertrack.exchange.field import Field, FieldKind, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from refertrack.rules.surveys import SurveyForm

_ASKS_TO_RECOMMEND = "recommend, recommended, likely, nps"

SURVEYS = (
    # A running number ("id") is none: two forms number their answers alike.
    field("external_id", "id", "external id, response id, respondent id, submission id, response token, token"),
    field(
        "customer",
        "id",
        "customer external id, customer id, customer number, client id, kundennummer, email address, email, username, "
        "customer email, your email, your email address, what is your email, what is your email address, customer, "
        "respondent email, recipient email, email adresse, adresse email, correo electrónico",
        within="email, customer id, customer number",
        required=True,
    ),
    field(
        "answered_on",
        "date",
        "answered on, answered at, answered, timestamp, submitted at, submit date utc, submit date, submission date, "
        "date submitted, completed at, completed on, completion time, end date, response date, recorded date, "
        "zeitstempel, horodateur, marca temporal, tidsstämpel, tijdstempel, informazioni cronologiche, date",
        required=True,
    ),
    field("purchase", "id", "purchase, purchase id, order id, order number, invoice number, bestellnummer"),
    field(
        "would_recommend",
        "int",
        "would recommend, how likely are you to recommend us, nps, nps score, likelihood to recommend",
        within="likely, likelihood, nps, would you recommend",
    ),
    field(
        "has_recommended",
        "code",
        "has recommended, recommended, have you recommended us, have you recommended us to a friend",
        within="have you recommended, did you recommend, have you told a friend, have you told anyone",
        never="whom",
    ),
    field("recommended_whom", "text", "recommended whom, to whom, whom, who was it, who", within="to whom"),
    field("service", "int", "service, our service, how was our service", within="service", never=_ASKS_TO_RECOMMEND),
    field(
        "communication",
        "int",
        "communication, our communication, how well did we keep you informed",
        within="communication, informed",
        never=_ASKS_TO_RECOMMEND,
    ),
    field(
        "performance",
        "int",
        "performance, product performance, does it do what you bought it for",
        within="performance, what you bought it for, quality",
        never=_ASKS_TO_RECOMMEND,
    ),
    field("most_important", "text", "most important, what matters most to you", within="most important, matters most"),
    field("why_us", "text", "why us, why did you buy from us, why did you choose us", within="why"),
    field(
        "improve",
        "text",
        "improve, what one thing could we do better, what could we do better",
        within="do better, improve",
    ),
    field(
        "comment",
        "text",
        "comment, comments, anything else, feedback, remarks, other comments, kommentar",
        within="comment, comments, remarks, anything else, anything to add, anything you want to add, like to add",
    ),
)
_KINDS: dict[str, FieldKind] = {"score": "int", "likelihood": "int", "recommended": "code", "text": "text"}
_NAMES = {"recommended": "has_recommended"}


def with_questions(form: SurveyForm, header_key: Callable[[str], str]) -> tuple[Field, ...]:
    """Return the fields of a survey with the business's own questions: its words are looked for first."""
    shipped = {it.name: it for it in SURVEYS}
    asked = []
    for question in form.questions:
        name = _NAMES.get(question.name, question.name)
        known = shipped.pop(name, Field(name, _KINDS[question.kind], (header_key(name),)))
        asked.append(replace(known, words=(header_key(question.words), *known.words)))
    scores = {"service", "communication", "performance"}
    left = tuple(it for it in shipped.values() if it.name not in scores)
    return (*left, *asked)

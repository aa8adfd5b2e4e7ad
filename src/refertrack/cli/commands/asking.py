"""Asks: the SMART request, letter by letter, and its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import CustomerArg, find_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Record
from refertrack.cli.tables import next_records, next_words
from refertrack.rules import smart
from refertrack.rules.errors import BadValue, WrongUsage
from refertrack.rules.words import Consent

if TYPE_CHECKING:
    from collections.abc import Callable

    from refertrack.models.referrals import Ask
    from refertrack.workflows.asks import Answered, Asked

AskArg = Annotated[int, typer.Argument(metavar="ASK", help="The ask's id.")]


def ask(
    ctx: typer.Context,
    who: CustomerArg,
    specific: Annotated[
        str | None, typer.Option("--specific", metavar="WORDS", help="Whom to look for: a role, a trade, a situation.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", metavar="N", help="How many: 1 to 3.")] = None,
    form: Annotated[
        str | None, typer.Option("--form", metavar="FORM", help="introduction, card, linkedin or review.")
    ] = None,
    because: Annotated[str, typer.Option("--because", metavar="WORDS", help="Why this customer can.")] = "",
    by: Annotated[str | None, typer.Option("--by", metavar="DAY", help="By when, 1 to 60 days ahead.")] = None,
    incentive: Annotated[
        str, typer.Option("--incentive", metavar="WORDS", help="What they get; it is disclosed.")
    ] = "",
    anyway: Annotated[str, typer.Option("--anyway", metavar="WORDS", help="Why to ask one who is not ready.")] = "",
) -> None:
    """Record a SMART request for a referral.

    Example: refertrack ask marta --specific "owners of guest houses" --count 2 --form card --by "in 6 days"
    """
    desk = Desk(ctx)
    customer = find_customer(desk, who)
    from refertrack.reports.readiness import readiness_of
    from refertrack.rules.readiness import Verdict
    from refertrack.workflows import asks

    with desk.reading() as reader:
        readiness = readiness_of(reader, customer["id"], desk.today, desk.business.weights)
    if readiness.verdict is not Verdict.ASK_NOW and not anyway.strip():
        raise asks.not_ready_words(customer["id"], customer["name"], readiness)
    if readiness.signs:
        points = ", ".join(f"{sign.words} (+{sign.points})" for sign in readiness.signs)
        desk.screen.say(f"{customer['name']} is ready to be asked: {points}.")
    request = _letters(desk, customer, specific, count, form, because, by)
    with desk.writing() as (session, _):
        asked = asks.record(session, customer["id"], request, anyway=anyway, incentive=incentive)
    due = asked.ask.time_specific
    sentence = f"Ask {asked.ask.id} recorded for {customer['name']}; you will be reminded on {due.isoformat()}."
    first = asked.scheduled.made[0].id if asked.scheduled.made else None
    hint = f"Draft: refertrack draft {first} · once sent: refertrack done {first}" if first else ""
    following = next_words(desk, asked.scheduled)
    desk.screen.changed(f"{sentence} {following}".strip(), _asked_record(asked), hint)


def _letters(
    desk: Desk,
    customer: Record,
    specific: str | None,
    count: int | None,
    form: str | None,
    because: str,
    by: str | None,
) -> smart.Smart:
    """Take the five letters from the options; on a terminal what is missing is asked for until it is right."""
    prospects = desk.business.segments.of(customer["segment"]).prospects
    in_a_week = (desk.today + timedelta(days=7)).isoformat()
    return smart.Smart(
        _letter(
            desk, specific, "Specific    whom should they think of?", "--specific", prospects, smart.check_specific
        ),
        int(_letter(desk, count, "Measurable  how many?", "--count", "2", _count)),
        _letter(
            desk,
            form,
            f"Attainable  how? {', '.join(smart.FORMS)}",
            "--form",
            "card",
            smart.check_attainable,
        ),
        because,
        _letter(
            desk,
            by,
            "Time        by when?",
            "--by",
            in_a_week,
            lambda text: smart.check_by(desk.day(str(text), field="by") or desk.today, desk.today),
        ),
    )


def _count(value: Any) -> int:
    if not str(value).strip().isdigit():
        raise BadValue(f'"{value}" is no number.', "Ask for 1, 2 or 3.", field="measurable")
    return smart.check_measurable(int(value))


def _letter(desk: Desk, given: Any, question: str, option: str, default: str, check: Callable[[Any], Any]) -> Any:
    if given is not None:
        return check(given)
    if not desk.screen.interactive:
        if default:
            return check(default)
        raise WrongUsage("The request is not specific: whom should they think of?", f"Give {option}.")
    while True:
        try:
            return check(desk.screen.ask(question, default))
        except BadValue as error:
            desk.screen.error(error)


def answer(
    ctx: typer.Context,
    number: AskArg,
    named: Annotated[
        list[str] | None, typer.Option("--named", metavar="NAME", help="Somebody they named; may be repeated.")
    ] = None,
    email: Annotated[list[str] | None, typer.Option("--email", metavar="ADDRESS", help="Of the one named.")] = None,
    phone: Annotated[list[str] | None, typer.Option("--phone", metavar="NUMBER", help="Of the one named.")] = None,
    consent: Annotated[
        Consent, typer.Option("--consent", help="On what ground the person may be written to.")
    ] = Consent.NONE,
    no_one: Annotated[bool, typer.Option("--no-one", help="They have no one in mind.")] = False,
    declined: Annotated[bool, typer.Option("--declined", help="They do not want to; give --reason.")] = False,
    agreed: Annotated[bool, typer.Option("--agreed", help="They will do it; perhaps --on a day.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why they declined.")] = "",
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day they agreed to.")] = None,
) -> None:
    """Record what a customer answered to an ask.

    Example: refertrack answer 17 --named "Rui Costa" --email rui@example.org
    """
    desk = Desk(ctx)
    if sum((bool(named), no_one, declined, agreed)) != 1:
        raise WrongUsage("Say one answer.", "One of: --named NAME, --no-one, --declined --reason WORDS, --agreed.")
    if declined and not reason:
        raise WrongUsage(
            "Why did they decline?", 'Give --reason, such as --reason privacy or --reason "no one in mind".'
        )
    promised_on = desk.day(on, field="on")
    from refertrack.workflows import asks

    people = _people(named or [], email or [], phone or [], consent)
    with desk.writing() as (session, _):
        if people:
            answered = asks.named(session, number, people)
        elif no_one:
            answered = asks.no_one(session, number)
        elif declined:
            answered = asks.declined(session, number, reason)
        else:
            answered = asks.agreed(session, number, promised_on)
    desk.screen.changed(*_answered(desk, answered))


def _people(names: list[str], emails: list[str], phones: list[str], consent: Consent) -> list[Any]:
    from refertrack.workflows.referrals import NewReferral

    if len(emails) > len(names) or len(phones) > len(names):
        raise WrongUsage("There are more addresses than names.", "Give --named before each --email and --phone.")
    padded = zip(
        names, emails + [""] * (len(names) - len(emails)), phones + [""] * (len(names) - len(phones)), strict=True
    )
    return [NewReferral(name, email=email, phone=phone, consent=consent) for name, email, phone in padded]


def _answered(desk: Desk, answered: Answered) -> tuple[str, Record, str]:
    from refertrack.cli.commands.referrals import received_sentence, referral_record

    ask = answered.ask
    if answered.referrals:
        sentence = "\n".join(received_sentence(desk, moved) for moved in answered.referrals)
    else:
        words = {"agreed": "agreed", "no_one": "no one in mind", "declined": f"declined ({ask.reason_words})"}
        sentence = f"Ask {ask.id}, {answered.customer.name}: {words[str(ask.state)]}."
    record = {**_ask_record(ask), "referrals": [referral_record(moved.referral) for moved in answered.referrals]}
    return sentence, record, "refertrack due · take it back: refertrack undo"


def _ask_record(ask: Ask) -> dict[str, Any]:
    return {
        "id": ask.id,
        "customer_id": ask.customer_id,
        "asked_on": ask.asked_on,
        "sent_on": ask.sent_on,
        "specific": ask.specific,
        "measurable": ask.measurable,
        "attainable": ask.attainable,
        "realistic": ask.realistic,
        "time_specific": ask.time_specific,
        "incentive": ask.incentive,
        "state": str(ask.state),
        "answered_on": ask.answered_on,
        "reason": ask.reason_words,
        "promised_on": ask.promised_on,
    }


def _asked_record(asked: Asked) -> Record:
    return {**_ask_record(asked.ask), "customer": asked.customer.name, "next": next_records(asked.scheduled)}

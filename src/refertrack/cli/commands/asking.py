"""The SMART request, letter by letter."""

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
from refertrack.rules.readiness import strongest

if TYPE_CHECKING:
    from collections.abc import Callable

    from refertrack.models.referrals import Ask
    from refertrack.rules.readiness import Readiness
    from refertrack.workflows.asks import Asked


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
        str, typer.Option("--incentive", metavar="WORDS", help="What they get; the letter says so.")
    ] = "",
    channel: Annotated[
        str, typer.Option("--channel", metavar="WAY", help="email, phone, post or meeting; else as they prefer.")
    ] = "",
    anyway: Annotated[str, typer.Option("--anyway", metavar="WORDS", help="Why to ask one who is not ready.")] = "",
) -> None:
    """Record a SMART request for a referral.

    Example: refertrack ask marta --specific "owners of guest houses" --count 2 --form card --by "in 6 days"
    """
    desk = Desk(ctx)
    customer = find_customer(desk, who)
    _check_ready(desk, customer, form or "", anyway, channel)
    request = _letters(desk, customer, specific, count, form, because, by)
    from refertrack.workflows import asks

    with desk.writing() as (session, _):
        asked = asks.record(session, customer["id"], request, anyway=anyway, incentive=incentive, channel=channel)
    desk.screen.changed(*_asked(desk, asked))


def _check_ready(desk: Desk, customer: Record, form: str, anyway: str, channel: str) -> None:
    """Say why the customer can be asked, or refuse before anything is asked for."""
    from refertrack.reports.readiness import readiness_of
    from refertrack.workflows import asks

    way = asks.check_channel(channel)
    with desk.reading() as reader:
        readiness = readiness_of(reader, customer["id"], desk.today, desk.business.weights, way)
    asks.check_ready(customer["id"], customer["name"], readiness, form.strip().casefold(), anyway.strip())
    desk.screen.say(_why(customer["name"], readiness, anyway))


def _why(name: str, readiness: Readiness, anyway: str) -> str:
    points = ", ".join(f"{sign.words} (+{sign.points})" for sign in strongest(readiness.signs))
    if readiness.verdict == "ask now":
        return f"{name} is ready to be asked: {points}."
    reasons = ", ".join(readiness.reasons)
    return (
        f"{name} is asked all the same ({anyway}): {reasons}." if anyway else f"{name} is asked as all are: {reasons}."
    )


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
    in_a_week = (desk.today + timedelta(days=7)).isoformat()
    forms = ", ".join(smart.FORMS)
    whom = _prospects(desk, customer) if specific is None else ""
    many = "1" if (form or "").strip().casefold() in smart.PUBLIC_FORMS else "2"
    return smart.Smart(
        _letter(desk, specific, "Specific    whom should they think of?", whom, smart.check_specific,
                missing=_whom_missing(customer["segment"])),
        int(_letter(desk, count, "Measurable  how many?", many, _count)),
        _letter(desk, form, f"Attainable  how? {forms}", "card", smart.check_attainable),
        because,
        _letter(desk, by, "Time        by when?", in_a_week, lambda text: _day(desk, text)),
    )  # fmt: skip


def _whom_missing(segment: str) -> WrongUsage:
    group = segment or "*"
    return WrongUsage(
        "The request is not specific: whom should they think of?",
        f'Give --specific, or set it for the group: refertrack segments set "{group}" --prospects "…"',
    )


def _prospects(desk: Desk, customer: Record) -> str:
    """Whom customers of this group can best think of: as the segment says, else whoever was named most often."""
    known = desk.business.segments.of(customer["segment"]).prospects
    if known:
        return known
    from refertrack.reports.asks import usual_prospects

    with desk.reading() as reader:
        return usual_prospects(reader, customer["segment"])


def _day(desk: Desk, text: object) -> Any:
    day = desk.day(str(text), field="by")
    if day is None:
        raise BadValue("By when?", "Like this: --by friday, --by 2026-12-01", field="by")
    return smart.check_by(day, desk.today)


def _count(value: Any) -> int:
    text = str(value).strip()
    if not text.isascii() or not text.lstrip("-").isdecimal():
        raise BadValue(f'"{value}" is no number.', "Ask for 1, 2 or 3.", field="measurable")
    return smart.check_measurable(int(text))


def _letter(
    desk: Desk,
    given: Any,
    question: str,
    default: str,
    check: Callable[[Any], Any],
    missing: WrongUsage | None = None,
) -> Any:
    if given is not None:
        return check(given)
    if not desk.screen.interactive:
        if missing is not None and not default:
            raise missing
        return check(default)
    while True:
        try:
            return check(desk.screen.ask(question, default))
        except BadValue as error:
            desk.screen.say(f"            {error.message} {error.hint}")


def _asked(desk: Desk, asked: Asked) -> tuple[str, Record, str]:
    by = asked.ask.time_specific.isoformat()
    sentence = f"Ask {asked.ask.id} recorded for {asked.customer.name}; once sent, you will be reminded on {by}."
    first = asked.scheduled.made[0].id if asked.scheduled.made else None
    hint = f"Draft: refertrack draft {first} · once sent: refertrack done {first}" if first else ""
    record = {**ask_record(asked.ask), "customer": asked.customer.name, "next": next_records(asked.scheduled)}
    return f"{sentence} {next_words(desk, asked.scheduled)}".strip(), record, hint


def ask_record(ask: Ask) -> dict[str, Any]:
    """Return an ask for JSON."""
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
        "anyway_reason": ask.anyway_reason,
        "channel": ask.channel,
        "language": ask.language,
        "state": str(ask.state),
        "answered_on": ask.answered_on,
        "reason": ask.reason_words,
        "promised_on": ask.promised_on,
    }

"""What came of asking: the answer, the list of asks, the reasons, and what customers say they did."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli import answer_asked
from refertrack.cli.commands.asking import ask_record
from refertrack.cli.commands.common import CustomerArg, Limit, Note, On, Segment, find_customer, groups
from refertrack.cli.commands.referrals import received_sentence, referral_record
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.cli.spoken import spoken
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.errors import WrongUsage
from refertrack.rules.words import AskState, Consent, RecommendationSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refertrack.workflows.answers import Answered, Recommended
    from refertrack.workflows.reasons import Changed
    from refertrack.workflows.referred import NewReferral

AskArg = Annotated[int, typer.Argument(metavar="ASK", help="The ask's id.")]
UNDO = "refertrack due · take it back: refertrack undo"
ASK_FIELDS = (
    "id", "customer_id", "customer", "company", "segment", "asked_on", "sent_on", "specific", "measurable",
    "attainable", "realistic", "time_specific", "incentive", "anyway_reason", "channel", "language", "state",
    "answered_on", "reason", "promised_on", "referrals", "recommendations",
)  # fmt: skip
REASON_FIELDS = ("code", "words", "given", "customers", "last_on")
_WITH_ADDRESS = re.compile(r"(?P<name>[^<>]*[^<>\s])\s*<(?P<email>[^<>\s]+@[^<>\s]+)>")


def answer(
    ctx: typer.Context,
    number: AskArg,
    named: Annotated[
        list[str] | None,
        typer.Option("--named", metavar="NAME", help="Somebody they named; may be repeated, each before its options."),
    ] = None,
    email: Annotated[list[str] | None, typer.Option("--email", metavar="ADDRESS", help="Of the one named.")] = None,
    phone: Annotated[list[str] | None, typer.Option("--phone", metavar="NUMBER", help="Of the one named.")] = None,
    company: Annotated[list[str] | None, typer.Option("--company", metavar="NAME", help="Of the one named.")] = None,
    consent: Annotated[
        list[Consent] | None, typer.Option("--consent", help="On what ground the one named may be written to.")
    ] = None,
    no_one: Annotated[bool, typer.Option("--no-one", help="They have no one in mind.")] = False,
    declined: Annotated[bool, typer.Option("--declined", help="They do not want to; give --reason.")] = False,
    agreed: Annotated[bool, typer.Option("--agreed", help="They will do it; perhaps --on a day.")] = False,
    no_response: Annotated[bool, typer.Option("--no-response", help="Nothing came back.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why they declined.")] = "",
    note: Note = "",
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="The day of the answer; with --agreed, the day promised.")
    ] = None,
) -> None:
    """Record what a customer answered to an ask.

    Example: refertrack answer 17 --named "Rui Costa" --email rui@example.org --named "Ana Reis"
    """
    desk = Desk(ctx)
    given = {"named": bool(named), "no_one": no_one, "declined": declined, "agreed": agreed, "no_response": no_response}
    if desk.screen.interactive and not (any(given.values()) or reason or email or phone or company or consent or on):
        _record(desk, number, answer_asked.said(desk, number))
        return
    if declined and not reason and desk.screen.interactive:
        reason = answer_asked.reason(desk)
    kind = _one_answer(given, reason, stray=bool(email or phone or company or consent))
    day = desk.day(on, field="on", prefer="future" if agreed else "past")
    _record(desk, number, answer_asked.Said(kind, _people(ctx), reason, note, day))


def _record(desk: Desk, number: int, said: answer_asked.Said) -> None:
    from refertrack.workflows import answers

    with desk.writing() as (session, _):
        answered = {
            "named": lambda: answers.named(session, number, said.people, said.on),
            "no_one": lambda: answers.no_one(session, number, said.on),
            "declined": lambda: answers.declined(session, number, said.reason, said.note, said.on),
            "agreed": lambda: answers.agreed(session, number, said.on),
            "no_response": lambda: answers.no_response(session, number, said.on),
        }[said.kind]()
    desk.screen.changed(*_answered(desk, answered))


def _one_answer(given: dict[str, bool], reason: str, *, stray: bool) -> str:
    if sum(given.values()) != 1:
        raise WrongUsage(
            "Say one answer.",
            "One of: --named NAME, --no-one, --declined --reason WORDS, --agreed, --no-response.",
        )
    kind = next(name for name, said in given.items() if said)
    if kind == "declined" and not reason:
        raise WrongUsage("Why did they decline?", "Give --reason, as in --reason privacy. The list: refertrack reasons")
    if reason and kind != "declined":
        raise WrongUsage("A reason goes with --declined.", "Leave --reason out, or give --declined.")
    if stray and kind != "named":
        raise WrongUsage(
            "An address or a consent goes with --named.", 'Like this: --named "Rui Costa" --email rui@example.org'
        )
    return kind


def _people(ctx: typer.Context) -> list[NewReferral]:
    """Read the people named, each with the addresses that follow the name."""
    from refertrack.workflows.referred import NewReferral

    people: list[NewReferral] = []
    for option, value in spoken(ctx, ("--named", "--email", "--phone", "--company", "--consent")):
        if option == "--named":
            both = _WITH_ADDRESS.fullmatch(value.strip())
            people.append(NewReferral(both["name"], email=both["email"]) if both else NewReferral(value))
            continue
        name = option.removeprefix("--")
        if not people or getattr(people[-1], name) not in {"", Consent.NONE}:
            raise WrongUsage(
                f"Whose is {option} {value}?",
                'Give each name before what belongs to it: --named "Rui Costa" --email rui@example.org --named "Ana"',
            )
        last = people[-1]
        given = {each: str(getattr(last, each)) for each in ("email", "phone", "company", "consent")} | {name: value}
        people[-1] = NewReferral(
            last.name, given["company"], given["email"], given["phone"], consent=Consent(given["consent"])
        )
    return people


def _answered(desk: Desk, answered: Answered) -> tuple[str, Record, str]:
    ask = answered.ask
    if answered.referrals:
        sentence = "\n".join(received_sentence(desk, moved) for moved in answered.referrals)
    else:
        words = {
            AskState.AGREED: f"agreed{f', by {ask.promised_on.isoformat()}' if ask.promised_on else ''}",
            AskState.NO_ONE: "no one in mind",
            AskState.DECLINED: f"declined ({ask.reason_words})",
            AskState.NO_RESPONSE: "no response",
        }
        sentence = f"Ask {ask.id}, {answered.customer.name}: {words[AskState(ask.state)]}."
        more = f" Action {answered.action.id}: {answered.action.title}." if answered.action else ""
        sentence = f"{sentence}{more} {next_words(desk, answered.scheduled)}".strip()
    record = {
        **ask_record(ask),
        "referrals": [referral_record(moved.referral) for moved in answered.referrals],
        "action_id": answered.action.id if answered.action else None,
        "next": next_records(answered.scheduled),
    }
    never = (
        f"never again: refertrack opt-out {ask.customer_id} --purpose referral · " if ask.state == "declined" else ""
    )
    return sentence, record, never + UNDO


def asks(
    ctx: typer.Context,
    state: Annotated[
        list[AskState] | None, typer.Option("--state", help="Only in this state; may be repeated.")
    ] = None,
    pending: Annotated[bool, typer.Option("--pending", help="Only those that wait for their answer.")] = False,
    answered: Annotated[bool, typer.Option("--answered", help="Only those that were answered.")] = False,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Only this customer's.", autocompletion=complete_customer)
    ] = None,
    segment: Segment = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Only those asked from a day on.")] = None,
    limit: Limit = None,
) -> None:
    """List whom you asked, and what came of it.

    Example: refertrack asks --pending
    """
    desk = Desk(ctx)
    from refertrack.reports.asks import AskFilter
    from refertrack.reports.asks import asks as matching

    states = _states(list(state or []), pending=pending, answered=answered)
    day = desk.day(since, field="since", prefer="past")
    with desk.reading() as reader:
        who = find_customer(desk, customer, reader)["id"] if customer else None
        rows, total = matching(
            reader, desk.today, AskFilter(states, who, groups(desk, reader, segment=segment)["segment"], day, limit)
        )
    desk.screen.listing(Listing(ASK_FIELDS, rows, _ASK_COLUMNS))
    if rows:
        shown = f"{len(rows)} of {total}" if total > len(rows) else str(total)
        desk.screen.hint(f"{shown} ask{'s' if total != 1 else ''} · {_ask_next(rows)}")
    else:
        desk.screen.hint("Nobody was asked like that. Whom to ask: refertrack ready")


def _ask_next(rows: Sequence[Record]) -> str:
    sent = next((row for row in rows if row["state"] == AskState.SENT), None)
    if sent is not None:
        return f'refertrack answer {sent["id"]} --named "…"'
    draft = next((row for row in rows if row["state"] == AskState.DRAFT), None)
    return f"not sent yet: refertrack due --customer {draft['customer_id']}" if draft else "refertrack ready"


def _states(states: list[AskState], *, pending: bool, answered: bool) -> tuple[str, ...]:
    from refertrack.reports.asks import WAITING

    if sum((bool(states), pending, answered)) > 1:
        raise WrongUsage("--state, --pending and --answered exclude each other.", "Give one of them.")
    if pending:
        return WAITING
    if answered:
        return tuple(str(each) for each in AskState if str(each) not in {*WAITING, AskState.CANCELLED})
    return tuple(str(each) for each in states)


def _what_came(row: Record) -> str:
    words = str(row["state"]).replace("_", " ")
    if row["state"] == AskState.DRAFT:
        return "not sent yet"
    if row["state"] == AskState.SENT:
        return f"waits, by {row['time_specific']}"
    if row["state"] == AskState.CANCELLED:
        return "cancelled" if row["sent_on"] else "never sent"
    if row["state"] == AskState.NAMED:
        return f"named {row['referrals']}"
    if row["state"] == AskState.AGREED:
        done = f"\ndone: {row['recommendations']}" if row["recommendations"] else ""
        by = f", by {row['promised_on']}" if row["promised_on"] else ""
        return f"agreed{by}{done}"
    return f"{words}\n{row['reason']}" if row["state"] == AskState.DECLINED else words


def _asked_for(row: Record) -> str:
    anyway = f"\nall the same: {row['anyway_reason']}" if row["anyway_reason"] else ""
    return f"{row['measurable']} × {row['specific']}\n{row['attainable']}{anyway}"


_ASK_COLUMNS = (
    Column("id", lambda row: str(row["id"]), right=True),
    Column("asked", lambda row: row["asked_on"]),
    Column("customer", lambda row: "\n".join(filter(None, (row["customer"], row["company"])))),
    Column("for", _asked_for),
    Column("what came", _what_came),
)


def reasons(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[CODE] [WORDS]", help="For --add and --merge.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Add a reason: CODE and its WORDS.")] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Let the first CODE go up in the second.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take a CODE off the list that nobody gave.")] = False,
) -> None:
    """Why customers do not refer: the list, with counts.

    Example: refertrack reasons --add too_busy "has no time"
    """
    desk = Desk(ctx)
    given = list(words or [])
    wanted = [name for name, said in (("add", add), ("merge", merge), ("remove", remove)) if said]
    if len(wanted) > 1 or (not wanted and given):
        raise WrongUsage("Say one thing.", 'refertrack reasons --add CODE "words", --merge A B or --remove CODE')
    if not wanted:
        _list_reasons(desk)
        return
    if len(given) != (1 if remove else 2):
        raise WrongUsage(
            f"--{wanted[0]} takes {'a CODE' if remove else 'a CODE and WORDS' if add else 'two CODEs'}.",
            f"Like this: refertrack reasons --{wanted[0]} {_REASON_EXAMPLES[wanted[0]]}",
        )
    from refertrack.workflows import reasons as workflow

    with desk.writing() as (session, _):
        changed = getattr(workflow, wanted[0])(session, *given)
    desk.screen.changed(*_reason_changed(changed, wanted[0]))


_REASON_EXAMPLES = {"add": 'too_busy "has no time"', "merge": "too_busy other", "remove": "too_busy"}


def _list_reasons(desk: Desk) -> None:
    from refertrack.reports.asks import reasons as counted

    with desk.reading() as reader:
        rows = counted(reader)
    columns = (
        Column("code", lambda row: row["code"]),
        Column("reason", lambda row: row["words"]),
        Column("given", lambda row: str(row["given"]), right=True),
        Column("customers", lambda row: str(row["customers"]), right=True),
        Column("last", lambda row: row["last_on"] or ""),
    )
    desk.screen.listing(Listing(REASON_FIELDS, rows, columns))
    desk.screen.hint('refertrack reasons --add CODE "words" · refertrack report reasons --by segment')


def _reason_changed(changed: Changed, verb: str) -> tuple[str, Record, str]:
    reason, into = changed.reason, changed.into
    sentence = {
        "add": f"Added: {reason.code}, {reason.words}.",
        "remove": f"Removed: {reason.code}, {reason.words}.",
    }.get(verb, "")
    if into is not None:
        sentence = f"{reason.words} is {into.words} from now on; {changed.asks} answers went with it."
    record = {"code": reason.code, "words": reason.words, "merged_into": into.code if into else None,
              "asks": changed.asks}  # fmt: skip
    return sentence, record, "refertrack reasons · take it back: refertrack undo"


def recommended(
    ctx: typer.Context,
    who: CustomerArg,
    whom: Annotated[str, typer.Option("--whom", metavar="NAME", help="To whom, if they say.")] = "",
    source: Annotated[
        RecommendationSource, typer.Option("--source", help="Their word, or what can be read.")
    ] = RecommendationSource.WORD,
    ask: Annotated[int | None, typer.Option("--ask", metavar="ID", help="The ask that it answers.")] = None,
    on: On = None,
) -> None:
    """Record that a customer says they recommended you, or wrote about you.

    Example: refertrack recommended marta --whom "her sister" --on yesterday
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, who)
    from refertrack.workflows import answers

    with desk.writing() as (session, _):
        told = answers.recommended(session, customer["id"], whom=whom, on=day, source=source, ask_id=ask)
    desk.screen.changed(*_told(told))


def _told(told: Recommended) -> tuple[str, Record, str]:
    row, name = told.recommendation, told.customer.name
    did = {"word": "says they recommended you", "review": "wrote a review", "linkedin": "recommended you on LinkedIn"}
    whom = f" to {row.whom}" if row.whom else ""
    answers = f" It answers ask {told.ask.id}." if told.ask else ""
    sentence = f"{name} {did[row.source]}{whom} (recommendation {row.id}, {row.told_on.isoformat()}).{answers}"
    record: dict[str, Any] = {
        "id": row.id,
        "customer_id": told.customer.id,
        "customer": name,
        "told_on": row.told_on,
        "whom": row.whom,
        "source": str(row.source),
        "ask_id": row.ask_id,
        "ask_state": str(told.ask.state) if told.ask else None,
    }
    known = row.whom or "NAME"
    return sentence, record, f'Whom you know: refertrack refer {told.customer.id} "{known}" · refertrack undo'

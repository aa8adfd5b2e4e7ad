"""Contacts with a customer, and what a customer does not want."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.commands.common import CustomerArg, On, find_customer
from refertrack.cli.desk import Desk
from refertrack.cli.tables import long_day
from refertrack.rules.errors import WrongUsage
from refertrack.rules.words import Direction, OptOutChannel, OptOutPurpose, TouchChannel, TouchKind

_FORMS = "Say one of: --call, --email, --meeting, --note."


def log(
    ctx: typer.Context,
    who: CustomerArg,
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="What was said or noted.")] = "",
    call: Annotated[bool, typer.Option("--call", help="You spoke on the phone.")] = False,
    email: Annotated[bool, typer.Option("--email", help="You wrote to each other.")] = False,
    meeting: Annotated[bool, typer.Option("--meeting", help="You met.")] = False,
    note: Annotated[bool, typer.Option("--note", help="No contact, only words to remember.")] = False,
    attempt: Annotated[bool, typer.Option("--attempt", help="Nobody answered.")] = False,
    selling: Annotated[bool, typer.Option("--selling", help="It was about a sale.")] = False,
    inward: Annotated[bool, typer.Option("--in", help="The customer began it.")] = False,
    on: On = None,
) -> None:
    """Record a contact: it puts off keep in touch, unless nobody answered.

    Example: refertrack log hanna --call "the heat pump runs quietly"
    """
    desk = Desk(ctx)
    channel = _channel(desk, {"call": call, "email": email, "meeting": meeting}, note=note or bool(words))
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, who)
    from refertrack.workflows import follow_ups, touches

    new = touches.NewTouch(
        channel=channel,
        two_way=channel != TouchChannel.NOTE and not attempt,
        kind=TouchKind.SELLING if selling else TouchKind.SERVICE,
        direction=Direction.IN if inward else Direction.OUT,
        on_day=day,
        note=words,
    )
    with desk.writing() as (session, _):
        touch = touches.record(session, customer["id"], new)
        following = follow_ups.next_of(session, customer["id"])
    tried = ", nobody answered" if attempt else ""
    about = "on" if channel == TouchChannel.NOTE else "with"
    sentence = f"Logged: {touch.channel} {about} {customer['name']} on {touch.on_day.isoformat()}{tried}."
    if following is not None:
        sentence += f" Next: {following.what} {long_day(following.due_on, desk.today)} ({following.id})."
    record = {
        "id": touch.id,
        "customer_id": customer["id"],
        "customer": customer["name"],
        "on": touch.on_day,
        "channel": str(touch.channel),
        "direction": str(touch.direction),
        "kind": str(touch.kind),
        "two_way": touch.two_way,
        "note": touch.note,
        "next_id": following.id if following else None,
        "next_what": following.what if following else None,
        "next_due_on": following.due_on if following else None,
    }
    desk.screen.changed(sentence, record, f"refertrack customer {customer['id']} · take it back: refertrack undo")


def _channel(desk: Desk, forms: dict[str, bool], *, note: bool) -> TouchChannel:
    given = [name for name, said in forms.items() if said]
    if len(given) > 1:
        raise WrongUsage(f"It cannot be {' and '.join(given)} at once.", _FORMS)
    if given:
        return TouchChannel(given[0])
    if note:
        return TouchChannel.NOTE
    answer = desk.needed(None, "Call, email, meeting or note", _FORMS.removeprefix("Say "), "call")
    if answer not in {*forms, "note"}:
        raise WrongUsage(f'"{answer}" is no form of contact.', _FORMS)
    return TouchChannel(answer)


def opt_out(
    ctx: typer.Context,
    who: CustomerArg,
    channel: Annotated[OptOutChannel, typer.Option("--channel", help="The way.")] = OptOutChannel.ANY,
    purpose: Annotated[OptOutPurpose, typer.Option("--purpose", help="What about.")] = OptOutPurpose.ANY,
    lift: Annotated[bool, typer.Option("--lift", help="They want to hear from you again.")] = False,
    note: Annotated[str, typer.Option("--note", metavar="WORDS", help="How you know.")] = "",
) -> None:
    """Record what a customer does not want to get; open items that it stops are closed.

    Example: refertrack opt-out hanna --channel email --purpose survey
    """
    desk = Desk(ctx)
    customer = find_customer(desk, who)
    from refertrack.workflows import opt_outs

    with desk.writing() as (session, _):
        if lift:
            gate = opt_outs.lift(session, customer["id"], channel, purpose)
        else:
            gate = opt_outs.put(session, customer["id"], channel, purpose, source=note)
    about = "everything" if purpose == OptOutPurpose.ANY else f"every {purpose} message"
    way = "" if channel == OptOutChannel.ANY else f" by {channel}"
    if lift:
        sentence = f"Lifted: {customer['name']} may get {about}{way} again. What was cancelled stays so."
    else:
        count = len(gate.closed)
        closed = f" {count} open item{'s' if count != 1 else ''} closed." if count else ""
        sentence = f"Opted out: {customer['name']}, of {about}{way}.{closed}"
    record = {
        "customer_id": customer["id"],
        "customer": customer["name"],
        "channel": str(channel),
        "purpose": str(purpose),
        "lifted": lift,
        "closed": [item.id for item in gate.closed],
        "opt_outs": [{"channel": each.channel, "purpose": each.purpose, "since": each.since} for each in gate.standing],
    }
    desk.screen.changed(sentence, record, "Take it back: refertrack undo")

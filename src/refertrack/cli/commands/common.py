"""Options that many commands share, and finding the customer whom a person means."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.complete import complete_customer, complete_item, complete_segment
from refertrack.cli.desk import Desk
from refertrack.reports import look_up
from refertrack.reports.spelling import look
from refertrack.rules.close import close_to
from refertrack.rules.errors import Ambiguous
from refertrack.store.reader import Reader, Row

CustomerArg = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER",
        help="An id, an e-mail address, or any part of a name.",
        autocompletion=complete_customer,
    ),
]
ItemsArg = Annotated[
    list[int],
    typer.Argument(metavar="ID…", help="Items, by the ids that `due` shows.", autocompletion=complete_item),
]
On = Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day it happened; today if left out.")]
Note = Annotated[str, typer.Option("--note", metavar="WORDS", help="What was said or done.")]
Segment = Annotated[
    str | None,
    typer.Option("--segment", metavar="NAME", help="The customer's group.", autocompletion=complete_segment),
]
Owner = Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Who looks after it.")]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="The e-mail address.")]
Phone = Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help="The phone number.")]
Company = Annotated[str | None, typer.Option("--company", metavar="NAME", help="The company.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Show at most so many.")]


def find_customer(desk: Desk, text: str, reader: Reader | None = None) -> Row:
    """Return the customer whom the text names; on a terminal one of several can be chosen.

    Raises:
        NotFound: nobody is meant.
        Ambiguous: several are, and nobody can be asked.

    """
    if reader is None:
        with desk.reading() as opened:
            return find_customer(desk, text, opened)
    try:
        return look_up.customer(reader, text)
    except Ambiguous as several:
        if not desk.screen.interactive:
            raise
        desk.screen.say(several.message)
        for number, (_, words) in enumerate(several.candidates, 1):
            desk.screen.say(f"  {number}  {words}")
        answer = desk.screen.ask("Which one? (number, or nothing to stop)")
        if not answer.isdecimal() or not 1 <= int(answer) <= len(several.candidates):
            raise
        return look_up.by_id(reader, several.candidates[int(answer) - 1][0])


def groups(desk: Desk, reader: Reader, **names: str | None) -> dict[str, str]:
    """Return the groups that narrow a list, spelt as the business spells them; "" for those not given.

    A group that nobody is in is said on stderr with the nearest name, and makes an empty list.
    """
    found = {}
    for group, name in names.items():
        spelt, known = look(reader, group, name or "", _own(desk) if group == "segment" and name else ())
        if spelt is None:
            close = ", ".join(close_to(name or "", known))
            desk.screen.say(f'No customer has the {group} "{name}".{f" Close: {close}." if close else ""}')
        found[group] = spelt or name or ""
    return found


def segment_of(desk: Desk, name: str | None) -> tuple[str | None, str]:
    """Return the segment that a customer is to be in, spelt as it is here, and a remark where it may be a slip."""
    if not name:
        return name, ""
    with desk.reading() as reader:
        found, known = look(reader, "segment", name, _own(desk))
    close = close_to(name, known) if found is None else []
    return found or name, f' "{name}" is a new segment; was {close[0]} meant?' if close else ""


def _own(desk: Desk) -> list[str]:
    return [segment.name for segment in desk.business.segments.own]

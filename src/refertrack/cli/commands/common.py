"""Options that many commands share, and finding the customer whom a person means."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.complete import complete_customer, complete_item, complete_segment
from refertrack.cli.desk import Desk
from refertrack.reports import look_up
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

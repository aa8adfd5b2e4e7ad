"""The letter for a follow-up, or any letter for a customer; on the screen, as a mail file or link, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.commands.common import Limit, Owner, Segment, find_customer, groups
from refertrack.cli.complete import complete_customer, complete_item
from refertrack.cli.desk import Desk, own_templates
from refertrack.rules.errors import NotFound, WrongUsage
from refertrack.rules.words import Channel

if TYPE_CHECKING:
    from refertrack.drafts.compose import Draft, Stationery, Wish
    from refertrack.store.reader import Reader

_EXAMPLE = "Like this: refertrack draft thank_you_card hanna"


def draft(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID | KIND]", help="An item of `due`, or a kind of letter.", autocompletion=complete_item
        ),
    ] = None,
    who: Annotated[
        str | None, typer.Argument(metavar="[CUSTOMER]", help="For a kind of letter.", autocompletion=complete_customer)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every letter that is due; of one KIND, if named.")] = False,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field of the letter; may be repeated.")
    ] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="As for this way; phone: a call sheet.")] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy the letter's text.")] = False,
    mailto: Annotated[bool, typer.Option("--mailto", help="A link that opens it in your mail program.")] = False,
    eml: Annotated[
        str | None, typer.Option("--eml", metavar="FILE", help="A mail file (- for stdout); a folder with --all.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    anyway: Annotated[
        str, typer.Option("--anyway", metavar="WORDS", help="Why to write though a complaint is open.")
    ] = "",
    segment: Segment = None,
    owner: Owner = None,
    limit: Limit = None,
) -> None:
    """The letter for a follow-up; any letter for a customer; or all that are due.

    Example: refertrack draft 38 --set purchase.expected_on=friday --eml letter.eml
    """
    desk = Desk(ctx)
    from refertrack.cli import letters_out

    out = letters_out.Way(copy=copy, mailto=mailto, eml=eml or "", force=force)
    wish = _wish(desk, channel, given or [], anyway)
    if every:
        if who is not None or copy:
            raise WrongUsage("--all takes at most a KIND, and copies nothing.", "Like this: refertrack draft --all")
        with desk.reading() as reader:
            which = letters_out.Which(what or "", limit=limit, **groups(desk, reader, segment=segment, owner=owner))
        letters_out.all_due(desk, out, stationery(desk), wish, which)
        return
    with desk.reading() as reader:
        letter = _letter(desk, reader, what, who, wish)
    letters_out.one(desk, out, letter, anyway)


def show_item(desk: Desk, reader: Reader, number: int) -> None:
    """Show the letter of an item."""
    from refertrack.cli import letters_out
    from refertrack.drafts.compose import Wish, for_item

    letters_out.one(desk, letters_out.Way(), for_item(reader, number, stationery(desk), Wish()), "")


def _wish(desk: Desk, channel: Channel | None, given: list[str], anyway: str) -> Wish:
    from refertrack.drafts.compose import Wish
    from refertrack.drafts.given import read_given

    read = read_given(given, lambda text, field: desk.day(text, field=field), desk.business.currency) if given else {}
    return Wish(channel or "", read, anyway=bool(anyway.strip()))


def _letter(desk: Desk, reader: Reader, what: str | None, who: str | None, wish: Wish) -> Draft:
    from refertrack.drafts import compose

    if who is not None:
        if what is None or what.isdecimal():
            raise WrongUsage("Which letter?", _EXAMPLE)
        customer = find_customer(desk, who, reader)
        return compose.for_customer(reader, what, customer["id"], stationery(desk), wish)
    number = what or str(
        reader.value(
            "SELECT id FROM due_item WHERE due_on <= :today AND template <> '' ORDER BY due_on, priority, id LIMIT 1",
            today=desk.today.isoformat(),
        )
        or ""
    )
    if not number:
        raise NotFound("Nothing is due, so there is nothing to draft.", "Any letter: refertrack draft KIND CUSTOMER")
    if not number.isdecimal():
        raise WrongUsage(f'Whom is "{number}" for?', f"Like this: refertrack draft {number} hanna")
    return compose.for_item(reader, int(number), stationery(desk), wish)


def stationery(desk: Desk) -> Stationery:
    """Return what all letters have in common."""
    from refertrack.drafts.compose import Stationery

    business = desk.business
    return Stationery(
        desk.today,
        sender(desk),
        own_templates(desk),
        business.selling_words,
        business.survey.in_letters,
        business.language,
    )


def sender(desk: Desk) -> dict[str, object]:
    """Return who signs: from the user's configuration, the name of the user where it says none, and the links."""
    config = desk.config
    return {
        "name": config.get("sender") or desk.context.author,
        "business": desk.business.name,
        "phone": config.get("sender_phone", ""),
        "email": config.get("sender_email", ""),
        "signature": config.get("signature", ""),
        **desk.business.links,
    }

"""The letter for a follow-up, or any letter for a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import find_customer
from refertrack.cli.complete import complete_customer, complete_item
from refertrack.cli.desk import Desk, own_templates
from refertrack.rules.errors import NotAllowed, NotFound, WrongUsage

if TYPE_CHECKING:
    from refertrack.drafts.render import Letter
    from refertrack.store.reader import Reader


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
) -> None:
    """The letter for a follow-up.

    Example: refertrack draft 38
    """
    desk = Desk(ctx)
    with desk.reading() as reader:
        letter, fields, item = _letter(desk, reader, what, who)
    _show(desk, letter, fields, item)


def show_item(desk: Desk, reader: Reader, number: int) -> None:
    """Show the letter of an item."""
    _show(desk, *_letter(desk, reader, str(number), None))


def _letter(desk: Desk, reader: Reader, what: str | None, who: str | None) -> tuple[Letter, dict[str, Any], Any]:
    from refertrack.drafts.render import render
    from refertrack.reports import letter_fields

    mine = own_templates(desk)
    if who is not None:
        if what is None or what.isdigit():
            raise WrongUsage("Which letter?", "Like this: refertrack draft thank_you_card hanna")
        customer = find_customer(desk, who, reader)
        fields = letter_fields.for_customer(reader, customer["id"], desk.today, sender(desk))
        return render(what, fields, mine=mine), fields, None
    number = what or str(reader.value("SELECT id FROM due_item ORDER BY due_on, priority, id LIMIT 1") or "")
    if not number:
        raise NotFound("Nothing is due, so there is nothing to draft.", "Any letter: refertrack draft KIND CUSTOMER")
    if not number.isdigit():
        raise WrongUsage(f'Whom is "{number}" for?', f"Like this: refertrack draft {number} hanna")
    item, fields = letter_fields.for_item(reader, int(number), desk.today, sender(desk))
    if item["state"] not in {"open", "held"}:
        raise NotAllowed(f"Item {number} is {item['state']}: there is nothing to write.", "See: refertrack due")
    if not item["template"]:
        raise NotAllowed(f"Item {number}, {item['what']}, has no letter.", f"Do it, then: refertrack done {number}")
    return render(item["template"], fields, mine=mine), fields, item


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


def _show(desk: Desk, letter: Letter, fields: dict[str, Any], item: Any) -> None:
    customer = fields["customer"]
    reader_of_it = fields["referral"] if letter.template == "contact_referred" and "referral" in fields else customer
    record = {
        "id": item["id"] if item else None,
        "customer_id": customer["id"],
        "template": letter.template,
        "to": reader_of_it["email"],
        "to_name": reader_of_it["name"],
        "subject": letter.subject,
        "body": letter.body,
    }
    if desk.screen.mode == "json":
        desk.screen.record(record, lambda: None)
        return
    to = reader_of_it["name"] + (f" <{reader_of_it['email']}>" if reader_of_it["email"] else "")
    desk.screen.text(f"To: {to}\nSubject: {letter.subject}\n\n{letter.body.rstrip()}")
    if item:
        desk.screen.hint(f"Once it is sent: refertrack done {item['id']}")

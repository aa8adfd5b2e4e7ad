"""Customers: add, list, look at."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.commands.common import (
    Company,
    CustomerArg,
    Email,
    Limit,
    Owner,
    Phone,
    Segment,
    find_customer,
    groups,
    segment_of,
)
from refertrack.cli.complete import complete_customer, complete_tag
from refertrack.cli.desk import Desk
from refertrack.cli.tables import CUSTOMER_FIELDS, customer_listing
from refertrack.rules.errors import BadValue
from refertrack.rules.words import Channel, CustomerStatus

TERMINAL_ROWS = 500  # what a terminal shows unless told otherwise; a pipe gets all


def add_customer(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The person's or the firm's name.")] = None,
    company: Company = None,
    email: Email = None,
    phone: Phone = None,
    segment: Segment = None,
    owner: Owner = None,
    source: Annotated[str, typer.Option("--source", metavar="WORDS", help="Where they came from.")] = "",
    city: Annotated[str, typer.Option("--city", metavar="NAME", help="The city.")] = "",
    country: Annotated[str, typer.Option("--country", metavar="NAME", help="The country.")] = "",
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="en, sv, …")] = "",
    channel: Annotated[Channel | None, typer.Option("--channel", help="How they like to be reached.")] = None,
    notes: Annotated[str, typer.Option("--note", metavar="WORDS", help="What to remember.")] = "",
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME", help="A tag; may be repeated.", autocompletion=complete_tag),
    ] = None,
    joined: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="Customer since; today if left out.")
    ] = None,
    prospect: Annotated[bool, typer.Option("--prospect", help="Has not bought yet.")] = False,
    referred_by: Annotated[
        str | None,
        typer.Option(
            "--referred-by",
            metavar="CUSTOMER",
            help="Who sent them to you.",
            autocompletion=complete_customer,
        ),
    ] = None,
    anyway: Annotated[
        str, typer.Option("--anyway", metavar="WHY", help="Take in one who asked to be forgotten once.")
    ] = "",
) -> None:
    """Add a customer.

    Example: refertrack add-customer "Hanna Berg" --email hanna@example.org --segment Private
    """
    desk = Desk(ctx)
    known = desk.needed(name, "Name", 'a NAME, as in: refertrack add-customer "Hanna Berg"')
    if name is None:
        from refertrack.cli.commands.editing import ask_more

        company, email, phone, segment = ask_more(desk, company, email, phone, segment)
    segment, remark = segment_of(desk, segment)
    joined_on = desk.day(joined, field="on", prefer="past")
    referrer = find_customer(desk, referred_by) if referred_by else None
    from refertrack.workflows import customers, referrals

    values = {
        "name": known, "company": company or "", "email": email or "", "phone": phone or "",
        "segment": segment or "", "owner": owner or "", "source": source, "city": city, "country": country,
        "language": language, "preferred_channel": channel or "", "notes": notes, "joined_on": joined_on,
    }  # fmt: skip
    with desk.writing() as (session, _):
        added = customers.add(session, values, prospect=prospect, anyway=anyway)
        customers.add_tags(session, added.customer, tag or [])
        if referrer is not None:
            referrals.arrived(session, referrer["id"], added.customer)
    customer = added.customer
    sentence = f"Added: {customer.id}, {customer.name}.{remark}"
    if referrer is not None:
        sentence += f" Referred by {referrer['name']}, whom to thank: refertrack due."
    if added.alike is not None:
        sentence += f" {added.alike.name} ({added.alike.id}) has the same e-mail or phone: is it the same person?"
    record = {field: getattr(customer, field) for field in CUSTOMER_FIELDS}
    desk.screen.changed(sentence, record, f"refertrack add-purchase {customer.id} · take it back: refertrack undo")


def customers(
    ctx: typer.Context,
    search: Annotated[str, typer.Argument(metavar="[WORDS]", help="Part of a name, company or e-mail.")] = "",
    segment: Segment = None,
    status: Annotated[CustomerStatus | None, typer.Option("--status", help="Only with this status.")] = None,
    owner: Owner = None,
    tag: Annotated[
        str, typer.Option("--tag", metavar="NAME", help="Only with this tag.", autocompletion=complete_tag)
    ] = "",
    city: Annotated[str, typer.Option("--city", metavar="NAME", help="Only in this city.")] = "",
    country: Annotated[str, typer.Option("--country", metavar="NAME", help="Only in this country.")] = "",
    sort: Annotated[
        str, typer.Option("--sort", metavar="BY", help="name, id, newest, joined, segment, city or owner.")
    ] = "name",
    limit: Limit = None,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="Pairs who may be one person.")] = False,
) -> None:
    """List and search customers.

    Example: refertrack customers berg --segment Private --sort newest
    """
    desk = Desk(ctx)
    if duplicates:
        from refertrack.cli.commands.merging import show_duplicates

        show_duplicates(desk, limit)
        return
    from refertrack.reports.lists import SORTS, CustomerFilter
    from refertrack.reports.lists import customers as matching

    if sort not in SORTS:
        raise BadValue(f'Customers cannot be sorted by "{sort}".', f"Say one of: {', '.join(SORTS)}.", field="sort")
    most = limit or (TERMINAL_ROWS if desk.screen.mode == "table" else None)
    with desk.reading() as reader:
        named = groups(desk, reader, segment=segment, owner=owner, tag=tag, city=city, country=country)
        wanted = CustomerFilter(search=search, status=status or "", sort=sort, limit=most, **named)
        rows, total = matching(reader, wanted)
    desk.screen.listing(customer_listing(rows))
    if not rows:
        desk.screen.hint("No customer matches. Add one: refertrack add-customer")
    else:
        shown = f"{len(rows):,} of {total:,}" if total > len(rows) else f"{total:,}"
        more = f" · all: --limit {total}" if total > len(rows) and limit is None else ""
        desk.screen.hint(f"{shown} customer{'s' if total != 1 else ''} · refertrack customer {rows[0]['id']}{more}")


def customer(ctx: typer.Context, who: CustomerArg) -> None:
    """A customer's card: what was, and what is due.

    Example: refertrack customer hanna
    """
    desk = Desk(ctx)
    from refertrack.cli.cards import card_record, show_card
    from refertrack.reports.card import card
    from refertrack.reports.readiness import readiness_of

    with desk.reading() as reader:
        found = card(reader, find_customer(desk, who, reader), desk.today)
        ready = readiness_of(reader, found.customer["id"], desk.today, desk.business.weights)
    record = card_record(found, ready, today=desk.today)
    desk.screen.record(record, lambda: show_card(desk, found, ready))

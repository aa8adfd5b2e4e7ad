"""Customers: what is known of them is corrected; their tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from refertrack.cli.commands.common import Company, CustomerArg, Email, Owner, Phone, Segment, find_customer, segment_of
from refertrack.cli.complete import complete_tag
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.cli.tables import CUSTOMER_FIELDS
from refertrack.rules.errors import BadValue, WrongUsage
from refertrack.rules.words import Channel, CustomerStatus

# What is asked for on a terminal where no option is given: the field, and how to call it.
ASKED = (
    ("name", "Name"),
    ("company", "Company"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("segment", "Group (segment)"),
    ("owner", "Looked after by"),
    ("city", "City"),
    ("country", "Country"),
    ("notes", "What to remember"),
)
TAG_FIELDS = ("name", "customers")


def edit_customer(
    ctx: typer.Context,
    who: CustomerArg,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The person's or the firm's name.")] = None,
    company: Company = None,
    email: Email = None,
    phone: Phone = None,
    segment: Segment = None,
    owner: Owner = None,
    source: Annotated[str | None, typer.Option("--source", metavar="WORDS", help="Where they came from.")] = None,
    city: Annotated[str | None, typer.Option("--city", metavar="NAME", help="The city.")] = None,
    country: Annotated[str | None, typer.Option("--country", metavar="NAME", help="The country.")] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="CODE", help="en, sv, …")] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="How they like to be reached.")] = None,
    notes: Annotated[str | None, typer.Option("--note", metavar="WORDS", help="What to remember.")] = None,
    joined: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Customer since.")] = None,
    status: Annotated[CustomerStatus | None, typer.Option("--status", help="Where they stand from today on.")] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME", help="Add a tag; may be repeated.", autocompletion=complete_tag),
    ] = None,
    untag: Annotated[
        list[str] | None,
        typer.Option("--untag", metavar="NAME", help="Take a tag away.", autocompletion=complete_tag),
    ] = None,
    keep_in_touch: Annotated[
        str | None, typer.Option("--keep-in-touch", metavar="DAYS", help="Their own interval; segment: the group's.")
    ] = None,
    external_source: Annotated[
        str | None, typer.Option("--external-source", metavar="NAME", help="The program that the external id is from.")
    ] = None,
    external_id: Annotated[str | None, typer.Option("--external-id", metavar="ID", help="Their id there.")] = None,
    if_version: Annotated[
        int | None, typer.Option("--if-version", metavar="N", help="Only if nobody changed them since this version.")
    ] = None,
) -> None:
    """Correct what is known of a customer: the options given, or one by one on a terminal. '' empties a field.

    Example: refertrack edit-customer hanna --phone "+46 70 123 45 67" --tag trade-fair
    """
    desk = Desk(ctx)
    row = find_customer(desk, who)
    segment, remark = segment_of(desk, segment)
    given: dict[str, Any] = {
        "name": name, "company": company, "email": email, "phone": phone, "segment": segment, "owner": owner,
        "source": source, "city": city, "country": country, "language": language, "preferred_channel": channel,
        "notes": notes, "joined_on": desk.day(joined, field="on", prefer="past"), "external_source": external_source,
    }  # fmt: skip
    values = {field: value for field, value in given.items() if value is not None}
    if external_id is not None:
        values["external_id"] = external_id or None
    if keep_in_touch is not None:
        values["keep_in_touch_days"] = interval(keep_in_touch)
    if not (values or status or tag or untag):
        values = ask_each(desk, row)
    _save(desk, row, values, status, tag or [], untag or [], if_version, remark)


def _save(
    desk: Desk,
    row: Record,
    values: dict[str, Any],
    status: CustomerStatus | None,
    tags: list[str],
    untags: list[str],
    if_version: int | None,
    remark: str,
) -> None:
    """Save what was typed, unless somebody else was quicker, and say what is different now."""
    from refertrack.workflows.editing import Correction, edit, tags_of

    correction = Correction(values, status, tags, untags)
    with desk.writing() as (session, _):
        seen = row["version"] if if_version is None else if_version
        edited = edit(session, row["id"], correction, seen_version=seen)
        carried = tags_of(session, edited.customer)
    customer = edited.customer
    head = f"{customer.id}, {customer.name}"
    if not edited.changes:
        desk.screen.say(f"Nothing to change: {head} is like that already.")
    record = {field: getattr(customer, field) for field in CUSTOMER_FIELDS}
    record |= {"tags": carried, "version": customer.version, "changed": [field for field, _, _ in edited.changes]}
    words = "; ".join(f"{_label(field)} {_shown(old)} → {_shown(new)}" for field, old, new in edited.changes)
    closed = f" {edited.closed} open item{'s' if edited.closed != 1 else ''} closed." if edited.closed else ""
    if edited.changes or desk.screen.mode == "json":
        desk.screen.changed(f"Changed: {head}: {words}.{closed}{remark}", record, "Take it back: refertrack undo")


def _label(field: str) -> str:
    return field.replace("_on", "").replace("_days", "").replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    text = "none" if value in {None, ""} else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def ask_each(desk: Desk, row: Record) -> dict[str, str]:
    """Ask for each field on a terminal; Enter keeps what it is, a lone "-" empties it.

    Raises:
        WrongUsage: nobody can be asked.

    """
    if not desk.screen.interactive:
        raise WrongUsage(
            "What is to be changed is missing.", f"Give it, as in: refertrack edit-customer {row['id']} --phone NUMBER"
        )
    desk.screen.say('Enter keeps what is shown, "-" empties it.')
    return {field: desk.asked(words, row.get(field) or "", _check(desk, field)) for field, words in ASKED}


def ask_more(desk: Desk, *given: str | None) -> tuple[str, ...]:
    """Ask for a new customer's company, e-mail, phone and segment where no option gave them."""
    fields = dict(ASKED)
    return tuple(
        value if value is not None else desk.asked(fields[field], "", _check(desk, field))
        for field, value in zip(("company", "email", "phone", "segment"), given, strict=True)
    )


def _check(desk: Desk, field: str) -> Callable[[str], str] | None:
    """Return what tells whether a typed value is of its kind, so that it can be asked for again."""
    from refertrack.rules.names import parse_email, parse_phone

    if field == "phone":
        return lambda text: parse_phone(text, desk.business.country)
    return parse_email if field == "email" else None


def interval(text: str) -> int | None:
    """Read a customer's own interval in days; "segment" gives them back to their group's.

    Raises:
        BadValue: it is neither.

    """
    if text.strip().casefold() in {"", "segment", "none"}:
        return None
    from refertrack.rules.segments import check_days

    if not text.strip().isdecimal():
        raise BadValue(
            f'"{text}" is no number of days.', 'Like this: 30, or "segment" for the group\'s.', field="keep-in-touch"
        )
    return check_days(int(text), field="keep-in-touch")


def tags(ctx: typer.Context) -> None:
    """Which tags there are, and how many customers carry each.

    Example: refertrack tags
    """
    desk = Desk(ctx)
    from refertrack.reports.lists import tags as all_tags

    with desk.reading() as reader:
        rows = all_tags(reader)
    columns = (
        Column("tag", lambda row: row["name"]),
        Column("customers", lambda row: str(row["customers"]), right=True),
    )
    desk.screen.listing(Listing(TAG_FIELDS, rows, columns))
    if rows:
        desk.screen.hint(f'refertrack customers --tag "{rows[0]["name"]}"')
    else:
        desk.screen.hint("There is no tag yet. Add one: refertrack edit-customer NAME --tag trade-fair")

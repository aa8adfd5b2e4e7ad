"""Two customers who are one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.commands.common import CustomerArg, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record

if TYPE_CHECKING:
    from refertrack.workflows.merging import Merged

PAIR_FIELDS = (
    "id", "name", "email", "phone", "other_id", "other_name", "other_email", "other_phone", "why", "score",
)  # fmt: skip


def merge_customers(
    ctx: typer.Context,
    stays: CustomerArg,
    goes: Annotated[
        str,
        typer.Argument(metavar="OTHER", help="The one who becomes part of CUSTOMER.", autocompletion=complete_customer),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would move; change nothing.")] = False,
) -> None:
    """Make two customers one: all of OTHER moves to CUSTOMER, nothing doubles, and undo splits them again.

    Example: refertrack merge-customers 31 88
    """
    desk = Desk(ctx)
    with desk.reading() as reader:
        first, second = find_customer(desk, stays, reader), find_customer(desk, goes, reader)
    if not dry_run and desk.screen.interactive:
        desk.sure(f"Make {second['name']} ({second['id']}) part of {first['name']} ({first['id']})?")
    from refertrack.workflows.merging import merge

    with desk.writing() as (session, _):
        session.info["dry_run"] = dry_run
        merged = merge(session, first["id"], second["id"])
    record = {
        "id": merged.customer.id,
        "name": merged.customer.name,
        "merged_id": merged.gone.id,
        "merged_name": merged.gone.name,
        "moved": dict(merged.moved),
        "doubles": dict(merged.doubles),
        "filled": list(merged.filled),
        "referrals_disqualified": list(merged.fallen),
        "dry_run": dry_run,
    }
    hint = "Without --dry-run it is done." if dry_run else "Split them again: refertrack undo"
    desk.screen.changed(_sentence(merged, dry_run=dry_run), record, hint)


def _sentence(merged: Merged, *, dry_run: bool) -> str:
    from refertrack.reports.history import counted_each

    stays, goes = merged.customer, merged.gone
    lines = [
        f"{'Would be one' if dry_run else 'One customer now'}: {stays.name} ({stays.id}), with {goes.name} ({goes.id})."
    ]
    for words, rows in (("Moved", merged.moved), ("There already", merged.doubles)):
        if told := counted_each(rows):
            lines.append(f"{words}: {told}.")
    if merged.filled:
        lines.append(f"Filled in: {', '.join(merged.filled)}.")
    if merged.fallen:
        lines.append(f"Disqualified, since the two are one: referral {', '.join(map(str, merged.fallen))}.")
    return "\n".join(lines)


def show_duplicates(desk: Desk, limit: int | None) -> None:
    """List pairs of customers who may be one person."""
    from refertrack.reports.duplicates import pairs

    with desk.reading() as reader:
        found = pairs(reader)[:limit]
    records = [
        {
            **{name: pair.first[name] for name in ("id", "name", "email", "phone")},
            **{f"other_{name}": pair.second[name] for name in ("id", "name", "email", "phone")},
            "why": pair.why,
            "score": pair.score,
        }
        for pair in found
    ]
    columns = (
        Column("customer", lambda row: _person(row, "")),
        Column(
            "perhaps the same",
            lambda row: f"{row['other_name']} ({row['other_id']})\n{row['other_email'] or row['other_phone']}",
        ),
        Column("why", lambda row: row["why"]),
    )
    desk.screen.listing(Listing(PAIR_FIELDS, records, columns))
    if records:
        desk.screen.hint(f"Make two one: refertrack merge-customers {records[0]['id']} {records[0]['other_id']}")
    else:
        desk.screen.hint("No two customers look alike.")


def _person(row: Record, which: str) -> str:
    reached = row[f"{which}email"] or row[f"{which}phone"]
    return f"{row[f'{which}name']} ({row[f'{which}id']})" + (f"\n{reached}" if reached else "")

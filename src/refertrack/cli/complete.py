"""What the shell offers after Tab: opens the database for reading alone, and is silent where it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import typer

from refertrack.rules.errors import RefertrackError
from refertrack.store.reader import Reader

SHOWN = 25
LAST = "\U0010ffff"
Offered = list[tuple[str, str]]


@contextmanager
def _reader(context: typer.Context) -> Iterator[Reader | None]:
    from refertrack.cli.desk import Desk
    from refertrack.store.reader import open_reader

    try:
        with open_reader(Desk(context).target) as reader:
            yield reader
    except RefertrackError:  # a completion has nowhere to say what is wrong; the command itself will
        yield None


def beginning(typed: str, found: Iterable[tuple[str, str]]) -> Offered:
    """Return what begins with what was typed, spelled as it was typed so far: names are found in any case."""
    start = typed.casefold()
    return [(typed + name[len(typed) :], words) for name, words in found if name.casefold().startswith(start)][:SHOWN]


def complete_customer(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer customers whose name, or whose e-mail address, begins with what is typed."""
    from refertrack.rules.names import email_key, key

    column, start = ("email", email_key(incomplete)) if "@" in incomplete else ("name", key(incomplete))
    with _reader(ctx) as reader:
        if reader is None:
            return []
        rows = reader.rows(
            f"SELECT id, {column} AS offered, name, company FROM customer_card"  # noqa: S608 - one of two columns
            f" WHERE {column}_key >= :start AND {column}_key < :end ORDER BY {column}_key LIMIT :limit",
            start=start,
            end=start + LAST,
            limit=SHOWN,
        )
    return beginning(incomplete, ((row["offered"], _describe(row)) for row in rows))


def _describe(row: dict[str, str]) -> str:
    return row["company"] or (row["name"] if row["offered"] != row["name"] else f"customer {row['id']}")


def complete_segment(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the segments that customers are in, and those that have settings of their own."""
    from refertrack.store.settings import load_business, stored_documents

    with _reader(ctx) as reader:
        if reader is None:
            return []
        used = {row["segment"] for row in reader.rows("SELECT DISTINCT segment FROM customer_card WHERE segment <> ''")}
        own = {segment.name for segment in load_business(stored_documents(reader.rows)).segments.own}
    return beginning(incomplete, ((name, "segment") for name in sorted(used | own)))


def complete_tag(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the tags that there are."""
    with _reader(ctx) as reader:
        if reader is None:
            return []
        rows = reader.rows("SELECT name FROM tag ORDER BY name_key")
    return beginning(incomplete, ((row["name"], "tag") for row in rows))


def complete_item(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the open items that come first."""
    with _reader(ctx) as reader:
        if reader is None:
            return []
        rows = reader.rows("SELECT id, customer, what FROM due_item ORDER BY due_on, priority, id LIMIT 100")
    return beginning(incomplete, ((str(row["id"]), f"{row['customer']}: {row['what']}") for row in rows))


def complete_report(incomplete: str) -> list[str]:
    """Offer the reports that there are."""
    from refertrack.reports.catalogue import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def complete_dimension(incomplete: str) -> list[str]:
    """Offer what reports can be grouped by; after a comma, the second of two."""
    from refertrack.reports.frame import CUSTOMER_DIMENSIONS, MANY_VALUED
    from refertrack.rules.periods import UNITS

    first, comma, start = incomplete.rpartition(",")
    names = (*CUSTOMER_DIMENSIONS, *MANY_VALUED, *UNITS)
    return [f"{first}{comma}{name}" for name in names if name.startswith(start)]


def complete_template(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the letters by name."""
    from refertrack.cli.desk import Desk, own_templates
    from refertrack.drafts.templates import list_templates

    try:
        found = list_templates(own_templates(Desk(ctx)))
    except RefertrackError:  # as above: the command itself will say what is wrong
        return []
    return beginning(incomplete, ((info.name, info.title) for info in found))


def complete_product(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the products by name."""
    from refertrack.rules.names import key

    with _reader(ctx) as reader:
        if reader is None:
            return []
        start = key(incomplete)
        rows = reader.rows(
            "SELECT id, name FROM product WHERE name_key >= :start AND name_key < :end ORDER BY name_key LIMIT :limit",
            start=start,
            end=start + LAST,
            limit=SHOWN,
        )
    return beginning(incomplete, ((row["name"], f"product {row['id']}") for row in rows))

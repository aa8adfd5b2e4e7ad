"""What the shell offers after Tab: opens the database for reading alone, and is silent where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from refertrack.rules.errors import RefertrackError
from refertrack.store.reader import Reader

SHOWN = 25


@contextmanager
def _reader(context: typer.Context) -> Iterator[Reader | None]:
    from refertrack.cli.desk import Desk
    from refertrack.store.reader import open_reader

    try:
        with open_reader(Desk(context).target) as reader:
            yield reader
    except RefertrackError:  # a completion has nowhere to say what is wrong; the command itself will
        yield None


def complete_customer(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer customers whose name begins with what is typed."""
    from refertrack.rules.names import key

    with _reader(ctx) as reader:
        if reader is None:
            return []
        start = key(incomplete)
        rows = reader.rows(
            "SELECT id, name, company FROM customer_card WHERE name_key >= :start AND name_key < :end"
            " ORDER BY name_key LIMIT :limit",
            start=start,
            end=start + "\U0010ffff",
            limit=SHOWN,
        )
    return [(row["name"], row["company"] or f"customer {row['id']}") for row in rows]


def complete_segment(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer the segments that customers are in."""
    with _reader(ctx) as reader:
        if reader is None:
            return []
        rows = reader.rows(
            "SELECT DISTINCT segment FROM customer_card WHERE segment >= :start AND segment < :end"
            " AND segment <> '' ORDER BY segment LIMIT :limit",
            start=incomplete,
            end=incomplete + "\U0010ffff",
            limit=SHOWN,
        )
    return [(row["segment"], "segment") for row in rows]


def complete_tag(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer the tags that there are."""
    from refertrack.rules.names import key

    with _reader(ctx) as reader:
        if reader is None:
            return []
        start = key(incomplete)
        rows = reader.rows(
            "SELECT name FROM tag WHERE name_key >= :start AND name_key < :end ORDER BY name_key LIMIT :limit",
            start=start,
            end=start + "\U0010ffff",
            limit=SHOWN,
        )
    return [(row["name"], "tag") for row in rows]


def complete_item(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer the open items that come first."""
    with _reader(ctx) as reader:
        if reader is None:
            return []
        rows = reader.rows("SELECT id, customer, what FROM due_item ORDER BY due_on, priority, id LIMIT 100")
    return [
        (str(row["id"]), f"{row['customer']}: {row['what']}") for row in rows if str(row["id"]).startswith(incomplete)
    ][:SHOWN]


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


def complete_template(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer the letters by name."""
    from refertrack.cli.desk import Desk, own_templates
    from refertrack.drafts.templates import list_templates

    try:
        found = list_templates(own_templates(Desk(ctx)))
    except RefertrackError:  # as above: the command itself will say what is wrong
        return []
    return [(info.name, info.title) for info in found if info.name.startswith(incomplete)]

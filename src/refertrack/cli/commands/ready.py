"""Whom to ask for a referral today, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.commands.common import Limit, Owner, Segment, groups
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.errors import BadValue, WrongUsage
from refertrack.rules.readiness import Verdict, strongest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refertrack.reports.readiness import Judged, Sorted

READY_FIELDS = (
    "id", "customer", "company", "segment", "owner", "verdict", "score", "reasons", "signs", "evidence_on",
)  # fmt: skip
# So many of each section are shown where nobody asks for more.
SHOWN = 10


def ready(
    ctx: typer.Context,
    why: Annotated[bool, typer.Option("--why", help="Show the points that make the score.")] = False,
    by: Annotated[
        str | None, typer.Option("--by", metavar="GROUP", help="Count by segment, owner, country or source.")
    ] = None,
    segment: Segment = None,
    owner: Owner = None,
    limit: Limit = None,
    everybody: Annotated[bool, typer.Option("--all", help="Show everybody of each section.")] = False,
) -> None:
    """Whom to ask for a referral, whom not yet, and why.

    Example: refertrack ready --why --segment Retail
    """
    desk = Desk(ctx)
    from refertrack.reports import readiness

    if everybody and limit is not None:
        raise WrongUsage("--all and --limit contradict each other.", "Give one of them.")
    with desk.reading() as reader:
        named = groups(desk, reader, segment=segment, owner=owner)
        wanted = readiness.Wanted(limit=None if everybody else limit or SHOWN, **named)
        if by is not None:
            if by not in readiness.GROUPS:
                raise BadValue(f'Nobody counts by "{by}".', f"Say one of: {', '.join(readiness.GROUPS)}.", field="by")
            _show_counts(desk, by, readiness.ready_by(reader, desk.today, by, wanted, desk.business.weights))
            return
        found = readiness.ready(reader, desk.today, wanted, desk.business.weights)
    _show(desk, found, why=why)


def _show(desk: Desk, found: Sorted, *, why: bool) -> None:
    screen = desk.screen
    records = [_record(each) for each in found.shown]
    if screen.mode != "table":
        screen.listing(Listing(READY_FIELDS, records, ()))
        return
    for verdict, count in found.counts.items():
        section = [record for record in records if record["verdict"] == verdict]
        if not section:
            continue
        shown = f"{len(section)} of {count}" if len(section) < count else str(count)
        screen.heading(f"{str(verdict).capitalize()} · {shown}")
        screen.listing(Listing(READY_FIELDS, section, _columns(verdict, why=why)))
        screen.line()
    first = next((each.customer["id"] for each in found.shown if each.readiness.verdict is Verdict.ASK_NOW), None)
    if first is not None:
        screen.hint(f"refertrack ask {first} · refertrack customer {first} · all of them: refertrack ready --all")
    elif records:
        screen.hint('Nobody is ready yet. Begin with a call that sells nothing: refertrack log CUSTOMER --call "…"')
    else:
        screen.hint("There is nobody to ask yet. Add a customer: refertrack add-customer")


def _columns(verdict: Verdict, *, why: bool) -> tuple[Column, ...]:
    reasons = Column("why", lambda record: "\n".join(record["reasons"]))
    points = Column("why", lambda record: "\n".join(record["signs"]) or "\n".join(record["reasons"]))
    columns = (
        Column("id", lambda record: str(record["id"]), right=True),
        Column("customer", lambda record: "\n".join(filter(None, (record["customer"], record["company"])))),
        Column("segment", lambda record: record["segment"]),
    )
    if verdict is not Verdict.ASK_NOW:
        return (*columns, reasons)
    return (*columns, Column("points", lambda record: str(record["score"]), right=True), points if why else reasons)


def _record(judged: Judged) -> Record:
    customer, readiness = judged.customer, judged.readiness
    return {
        "id": customer["id"],
        "customer": customer["name"],
        "company": customer["company"],
        "segment": customer["segment"],
        "owner": customer["owner"],
        "verdict": str(readiness.verdict),
        "score": readiness.score,
        "reasons": list(readiness.reasons),
        "signs": [f"{sign.words} (+{sign.points})" for sign in strongest(readiness.signs)],
        "evidence_on": max((sign.on for sign in readiness.signs), default=None),
    }


def _show_counts(desk: Desk, by: str, counts: list[tuple[str, Mapping[Verdict, int]]]) -> None:
    keys = {verdict: str(verdict).replace(" ", "_") for verdict in Verdict}
    records = [
        {by: name, "customers": sum(group.values()), **{keys[verdict]: group[verdict] for verdict in Verdict}}
        for name, group in counts
    ]
    columns = (
        Column(by, lambda record: record[by] or f"(no {by})"),
        Column("customers", lambda record: str(record["customers"]), right=True),
        *(_count_column(str(verdict), key) for verdict, key in keys.items()),
    )
    desk.screen.listing(Listing((by, "customers", *keys.values()), records, columns))
    desk.screen.hint(f"refertrack ready --{by} NAME" if by in {"segment", "owner"} else "refertrack ready")


def _count_column(title: str, key: str) -> Column:
    return Column(title, lambda record: str(record[key]), right=True)

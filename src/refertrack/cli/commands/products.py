"""Products: what they are, what can be promised of them, and news for those who own them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import Note, find_customer
from refertrack.cli.complete import complete_customer, complete_product
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.cli.tables import next_records
from refertrack.rules.errors import WrongUsage

if TYPE_CHECKING:
    from refertrack.models.sales import Purchase
    from refertrack.reports.products import Rhythm
    from refertrack.rules.promises import Kept
    from refertrack.workflows.announcements import Announced
    from refertrack.workflows.products import Changed

PRODUCT_FIELDS = (
    "id", "name", "lifetime_days", "guarantee_days", "margin", "purchases", "customers", "promised", "kept",
    "days_for_90_percent", "own_interval_days", "regulars",
)  # fmt: skip
RHYTHM_FIELDS = ("product_id", "product", "purchases", "interval_days", "last_on", "next_on", "lifetime_days")

ProductArg = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Its name, a part of it, or its id.", autocompletion=complete_product)
]
Lifetime = Annotated[
    str | None, typer.Option("--lifetime", metavar="SPAN", help="How long it lasts: 90, 18 months, 2 years; none.")
]
Guarantee = Annotated[str | None, typer.Option("--guarantee", metavar="SPAN", help="From the delivery: 2 years; none.")]
Margin = Annotated[int | None, typer.Option("--margin", metavar="PERCENT", help="Your share of the price.")]


def add_product(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="What it is called.")] = None,
    lifetime: Lifetime = None,
    guarantee: Guarantee = None,
    margin: Margin = None,
) -> None:
    """Add a product: how long it lasts, and what it guarantees.

    Example: refertrack add-product "Water filter" --lifetime "6 months" --guarantee "2 years"
    """
    desk = Desk(ctx)
    known = desk.needed(name, "Name", 'a NAME, as in: refertrack add-product "Water filter"')
    from refertrack.workflows import products as workflow

    with desk.writing() as (session, _):
        changed = workflow.add(session, known, _values(None, lifetime, guarantee, margin))
    desk.screen.changed(*_said("Added", changed))


def edit_product(
    ctx: typer.Context,
    product: ProductArg,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What it is called from now on.")] = None,
    lifetime: Lifetime = None,
    guarantee: Guarantee = None,
    margin: Margin = None,
) -> None:
    """Correct a product; open reminders follow its lifetime.

    Example: refertrack edit-product filter --lifetime "8 months"
    """
    desk = Desk(ctx)
    from refertrack.reports.products import find
    from refertrack.workflows import products as workflow

    with desk.reading() as reader:
        found = find(reader, product)
    with desk.writing() as (session, _):
        changed = workflow.edit(session, found["id"], _values(name, lifetime, guarantee, margin))
    desk.screen.changed(*_said("Changed", changed))


def _values(name: str | None, lifetime: str | None, guarantee: str | None, margin: int | None) -> dict[str, Any]:
    from refertrack.rules.promises import parse_days

    values: dict[str, Any] = {} if name is None else {"name": name}
    if lifetime is not None:
        values["lifetime_days"] = parse_days(lifetime, field="lifetime")
    if guarantee is not None:
        values["guarantee_days"] = parse_days(guarantee, field="guarantee")
    if margin is not None:
        values["margin"] = margin
    return values


def _said(verb: str, changed: Changed) -> tuple[str, Record, str]:
    product = changed.product
    facts = [
        f"lasts {product.lifetime_days} days" if product.lifetime_days else "",
        f"guaranteed for {product.guarantee_days} days" if product.guarantee_days else "",
        f"margin {product.margin} %" if product.margin is not None else "",
    ]
    sentence = ", ".join([f"{verb}: product {product.id}, {product.name}", *(fact for fact in facts if fact)]) + "."
    counts = (
        (changed.redated, "open reminder", "moved"),
        (changed.closed, "open reminder", "closed"),
        (changed.guaranteed, "delivery", "guaranteed now"),
    )
    for number, what, done in counts:
        if number:
            plural = what if number == 1 else "deliveries" if what == "delivery" else f"{what}s"
            sentence += f" {number} {plural} {done}."
    made = len(changed.scheduled.made)
    if made:
        sentence += f" {made} reminder{'s' if made != 1 else ''} to offer the next one."
    record = {
        "id": product.id,
        "name": product.name,
        "lifetime_days": product.lifetime_days,
        "guarantee_days": product.guarantee_days,
        "margin": product.margin,
        "redated": changed.redated,
        "closed": changed.closed,
        "guaranteed": changed.guaranteed,
        "next": next_records(changed.scheduled),
    }
    return sentence, record, "refertrack products · take it back: refertrack undo"


def products(
    ctx: typer.Context,
    customer: Annotated[
        str | None,
        typer.Option(
            "--customer", metavar="CUSTOMER", help="How often this one buys each.", autocompletion=complete_customer
        ),
    ] = None,
) -> None:
    """The products: how they were delivered, and how long they last.

    Example: refertrack products --customer hanna
    """
    desk = Desk(ctx)
    from refertrack.reports import products as report

    with desk.reading() as reader:
        if customer is not None:
            who = find_customer(desk, customer, reader)
            found = report.rhythms(reader, who["id"])
        else:
            rows = report.products(reader)
    if customer is not None:
        _show_rhythms(desk, who, found)
    else:
        _show_products(desk, rows)


def _show_products(desk: Desk, rows: list[dict[str, Any]]) -> None:
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("product", lambda row: row["name"]),
        Column("lasts", _lasts),
        Column("guarantee", lambda row: f"{row['guarantee_days']} d" if row["guarantee_days"] else ""),
        Column("sold", lambda row: str(row["purchases"]), right=True),
        Column("on time", lambda row: f"{row['kept']} of {row['promised']}" if row["promised"] else "", right=True),
        Column("90 % took", _took, right=True),
    )
    desk.screen.listing(Listing(PRODUCT_FIELDS, rows, columns))
    offered = next((row for row in rows if row["own_interval_days"]), None)
    if offered is not None:
        regulars = f"{offered['regulars']} customer{'s' if offered['regulars'] != 1 else ''}"
        desk.screen.line()
        desk.screen.line(
            f"(…) no lifetime is given; the middle of its customers' own intervals stands there. {offered['name']}:"
            f" {regulars} with three purchases or more."
        )
        desk.screen.hint(f"Take it: refertrack edit-product {offered['id']} --lifetime {offered['own_interval_days']}")
    elif rows:
        desk.screen.hint(f"refertrack promise {rows[0]['id']} --days 14 · refertrack edit-product {rows[0]['id']}")
    else:
        desk.screen.hint('No product yet: refertrack add-product "Water filter" --lifetime "6 months"')


def _lasts(row: Record) -> str:
    if row["lifetime_days"]:
        return f"{row['lifetime_days']} d"
    return f"({row['own_interval_days']} d)" if row["own_interval_days"] else ""


def _took(row: Record) -> str:
    return f"{row['days_for_90_percent']} d" if row["days_for_90_percent"] is not None else ""


def _show_rhythms(desk: Desk, who: Record, found: list[Rhythm]) -> None:
    records = [{name: getattr(each, name) for name in RHYTHM_FIELDS} for each in found]
    columns = (
        Column("product", lambda row: row["product"] or "anything"),
        Column("bought", lambda row: f"{row['purchases']} ×", right=True),
        Column("every", lambda row: f"{row['interval_days']} d" if row["interval_days"] else "", right=True),
        Column("last", lambda row: row["last_on"].isoformat()),
        Column("next about", lambda row: row["next_on"].isoformat() if row["next_on"] else ""),
        Column("lasts", lambda row: f"{row['lifetime_days']} d" if row["lifetime_days"] else ""),
    )
    desk.screen.heading(f"How often {who['name']} buys: the median of days between purchases, from three on")
    desk.screen.listing(Listing(RHYTHM_FIELDS, records, columns))
    if records:
        desk.screen.hint(f"A reminder before the next: refertrack deliver {who['id']} --purchase ID --lifetime own")
    else:
        desk.screen.hint(f"Nothing bought yet: refertrack add-purchase {who['id']}")


def promise(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[PRODUCT | CUSTOMER]",
            help="A product, with --days; or a customer, with --on.",
            autocompletion=complete_product,
        ),
    ] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", help="From the order to the delivery.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="The new day for a customer.")] = None,
    purchase: Annotated[
        int | None, typer.Option("--purchase", metavar="ID", help="Which one, if several wait.")
    ] = None,
) -> None:
    """Before you promise: how often so many days were kept. Or give a customer a new day.

    Example: refertrack promise "Heat pump" --days 14
    """
    desk = Desk(ctx)
    if (days is None) == (on is None) or (on is not None and what is None):
        raise WrongUsage(
            "Promise what?",
            'A look at the history: refertrack promise "Heat pump" --days 14'
            " · a new day: refertrack promise hanna --on friday",
        )
    if days is not None:
        _look(desk, what, days)
    else:
        _give(desk, what or "", on or "", purchase)


def _look(desk: Desk, product: str | None, days: int) -> None:
    """Show what history says about a promise of so many days."""
    from refertrack.reports.products import find, kept

    with desk.reading() as reader:
        found = find(reader, product) if product else None
        history = kept(reader, found, days)
    record = {
        "product_id": found["id"] if found else None,
        "product": found["name"] if found else None,
        **kept_record(history),
        "promised_on": desk.today + timedelta(days=days),
    }
    desk.screen.record(record, lambda: _paint(desk, history))


def kept_record(history: Kept) -> dict[str, Any]:
    """Return what history says about a promise, for JSON."""
    low, high = history.interval or (None, None)
    return {
        "days": history.days,
        "history_of": "product" if history.product else "all",
        "n": history.n,
        "within": history.within,
        "share": None if history.share is None else round(history.share, 4),
        "share_low": None if low is None else round(low, 4),
        "share_high": None if high is None else round(high, 4),
        "days_for_90_percent": history.needed,
        "risky": history.risky,
    }


def _paint(desk: Desk, history: Kept) -> None:
    from refertrack.rules.promises import kept_words

    desk.screen.line(kept_words(history))
    if history.risky and history.needed is not None:
        day = desk.today + timedelta(days=history.needed)
        desk.screen.line(f"{history.needed} days, {day:%A} {day.isoformat()}, would be kept nine times in ten.")
    desk.screen.hint('refertrack add-purchase CUSTOMER --product "…" --promised DAY')


def _give(desk: Desk, who: str, on: str, purchase: int | None) -> None:
    """Give a customer a new day."""
    from refertrack.cli.commands.sales import sold_result
    from refertrack.workflows import aftercare

    day = desk.day(on, field="on")
    customer = find_customer(desk, who)
    with desk.writing() as (session, _):
        cared = aftercare.promise_again(session, customer["id"], day or desk.today, purchase)
    sold = cared.sold
    sentence = f"Promised: purchase {sold.purchase.id}, {sold.what} for {sold.customer.name}, for {day}."
    desk.screen.changed(*sold_result(desk, sentence, cared, history=_history_of(desk, sold.purchase)))


def _history_of(desk: Desk, purchase: Purchase) -> Kept | None:
    """Return what history says about the day that was promised for a purchase."""
    from refertrack.reports.products import kept

    if purchase.promised_on is None:
        return None
    with desk.reading() as reader:
        row = reader.row("SELECT id, name FROM product WHERE id = :id", id=purchase.product_id)
        return kept(reader, row, (purchase.promised_on - purchase.ordered_on).days)


def announce(
    ctx: typer.Context,
    product: ProductArg,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="The news in a few words.")],
    note: Note = "",
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day from which it holds.")] = None,
    link: Annotated[str, typer.Option("--link", metavar="URL", help="Where to read more.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")] = False,
) -> None:
    """Tell the owners of a product what is new; opt-outs are kept.

    Example: refertrack announce filter "The new filters last longer" --note "From now on …" --on 2026-12-01
    """
    desk = Desk(ctx)
    from refertrack.reports.products import find
    from refertrack.workflows import announcements

    with desk.reading() as reader:
        found = find(reader, product)
    day = desk.day(on, field="on")
    with desk.writing() as (session, _):
        made = announcements.announce(session, found["id"], title, text=note, from_on=day, link=link)
        if made.owners >= 3 and desk.screen.interactive and not dry_run:
            desk.sure(f"Tell {made.owners} owners of {made.product.name}?")
        said = _announced(made, dry_run=dry_run)
        session.info["dry_run"] = dry_run
    hint = "Without --dry-run it is done." if dry_run else "refertrack draft announcement --all · refertrack undo"
    desk.screen.changed(*said, hint)


def _announced(made: Announced, *, dry_run: bool) -> tuple[str, Record]:
    told = len(made.scheduled.made)
    sentence = (
        f"{'Would announce' if dry_run else 'Announced'}: {made.announcement.title}, to {told} of {made.owners}"
        f" owner{'s' if made.owners != 1 else ''} of {made.product.name}."
    )
    if made.scheduled.suppressed:
        sentence += f" {made.scheduled.suppressed} opted out."
    record = {
        "id": None if dry_run else made.announcement.id,
        "product_id": made.product.id,
        "product": made.product.name,
        "title": made.announcement.title,
        "from_on": made.announcement.from_on,
        "link": made.announcement.link,
        "owners": made.owners,
        "opted_out": made.scheduled.suppressed,
        "dry_run": dry_run,
        "next": next_records(made.scheduled),
    }
    return sentence, record

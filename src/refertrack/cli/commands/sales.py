"""Purchases and deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.commands.common import CustomerArg, On, find_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Record
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.money import Money, parse_money, to_decimal_string
from refertrack.rules.names import key

if TYPE_CHECKING:
    from refertrack.reports.products import Rhythm
    from refertrack.rules.promises import Kept
    from refertrack.workflows.aftercare import Cared
    from refertrack.workflows.purchases import NewPurchase, Sold

Lifetime = Annotated[
    str | None,
    typer.Option("--lifetime", metavar="SPAN", help="How long this one lasts: 90, 18 months; own: as they buy."),
]


def add_purchase(
    ctx: typer.Context,
    who: CustomerArg,
    product: Annotated[str, typer.Option("--product", metavar="NAME", help="What was bought.")] = "",
    amount: Annotated[str | None, typer.Option("--amount", metavar="MONEY", help="The price paid.")] = None,
    list_amount: Annotated[str | None, typer.Option("--list-amount", metavar="MONEY", help="The list price.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    quantity: Annotated[int, typer.Option("--quantity", metavar="N", help="How many.")] = 1,
    ordered: Annotated[str | None, typer.Option("--ordered", metavar="DAY", help="Today if left out.")] = None,
    promised: Annotated[str | None, typer.Option("--promised", metavar="DAY", help="The day you promised.")] = None,
    delivered: Annotated[str | None, typer.Option("--delivered", metavar="DAY", help="If it was delivered.")] = None,
    lifetime: Lifetime = None,
    note: Annotated[str, typer.Option("--note", metavar="WORDS", help="What it was, in words.")] = "",
) -> None:
    """Record a purchase.

    Example: refertrack add-purchase hanna --product "Heat pump" --amount 4200 --promised "in 3 weeks"
    """
    desk = Desk(ctx)
    money = currency.upper() if currency else desk.business.currency
    customer = find_customer(desk, who)
    from refertrack.workflows import aftercare, purchases

    new = purchases.NewPurchase(
        product=product,
        description=note,
        quantity=quantity,
        amount=_money(amount, money),
        list_amount=_money(list_amount, money),
        ordered_on=desk.day(ordered, field="ordered", prefer="past"),
        promised_on=desk.day(promised, field="promised"),
        delivered_on=desk.day(delivered, field="delivered", prefer="past"),
    )
    history = None if new.delivered_on else _history(desk, product, new)
    with desk.writing() as (session, _):
        cared = aftercare.add(session, customer["id"], new, _lifetime(lifetime))
    sold = cared.sold
    sentence = f"Recorded: purchase {sold.purchase.id}, {sold.what} for {sold.customer.name}."
    desk.screen.changed(*sold_result(desk, sentence, cared, history=history))


def deliver(
    ctx: typer.Context,
    who: CustomerArg,
    on: On = None,
    purchase: Annotated[
        int | None, typer.Option("--purchase", metavar="ID", help="Which one, if several wait.")
    ] = None,
    lifetime: Lifetime = None,
) -> None:
    """Record that a purchase was delivered.

    Example: refertrack deliver hanna --on yesterday
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, who)
    from refertrack.workflows import aftercare

    with desk.writing() as (session, _):
        cared = aftercare.deliver(session, customer["id"], day, purchase, _lifetime(lifetime))
    sold = cared.sold
    named = f"purchase {sold.purchase.id}, {sold.what} for {sold.customer.name}"
    sentence = f"Delivered: {named}, on {sold.purchase.delivered_on}."
    if sold.was_delivered_on is not None:
        sentence = f"Corrected: {named}, delivered {sold.was_delivered_on} → {sold.purchase.delivered_on}."
        for item in sold.redated:
            sentence += f" {item.what} ({item.id}): {item.was_due} → {item.due_on}."
    desk.screen.changed(*sold_result(desk, sentence, cared))


def return_purchase(
    ctx: typer.Context,
    who: CustomerArg,
    purchase: Annotated[
        int | None, typer.Option("--purchase", metavar="ID", help="Which one, if there are several.")
    ] = None,
    on: On = None,
    reason: Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why it came back.")] = "",
) -> None:
    """Record that a purchase came back, or was cancelled before its delivery; its open items are closed.

    Example: refertrack return-purchase hanna --reason "too loud for the bedroom"
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, who)
    from refertrack.workflows import purchases
    from refertrack.workflows.aftercare import Cared

    with desk.writing() as (session, _):
        ended = purchases.end(session, customer["id"], day, purchase, reason=reason)
    status, count = ended.purchase.status, len(ended.closed)
    closed = f" {count} open item{'s' if count != 1 else ''} closed." if count else ""
    sentence = f"{status.capitalize()}: purchase {ended.purchase.id}, {ended.what} of {ended.customer.name}.{closed}"
    if ended.hollow is not None:
        reverse = f'refertrack reverse {ended.hollow} --reason "…"'
        sentence += f" Referral {ended.hollow} brought them: if that is over, too: {reverse}"
    desk.screen.changed(*sold_result(desk, sentence, Cared(ended, ended.scheduled)))


def _money(text: str | None, currency: str) -> Money | None:
    return parse_money(text, currency) if text else None


def _lifetime(text: str | None) -> int | str | None:
    """Return how long it lasts as days, or "own": the customer's own interval between purchases."""
    if text is None:
        return None
    from refertrack.rules.promises import parse_days

    return "own" if text.strip().casefold() == "own" else parse_days(text, field="lifetime")


def _history(desk: Desk, product: str, new: NewPurchase) -> Kept | None:
    """Return what history says about a promise; None where none is given."""
    if new.promised_on is None:
        return None
    from refertrack.reports.products import kept

    with desk.reading() as reader:
        row = reader.row("SELECT id, name FROM product WHERE name_key = :key", key=key(product)) if product else None
        days = (new.promised_on - (new.ordered_on or desk.today)).days
        return kept(reader, row, days) if days >= 0 else None


def sold_result(desk: Desk, sentence: str, cared: Cared, *, history: Kept | None = None) -> tuple[str, Record, str]:
    """Say what became of a purchase and what follows; warn of a promise that history says is often broken."""
    from refertrack.rules.promises import kept_words

    sold, own = cared.sold, cared.own
    purchase = sold.purchase
    warning = f"Mind the promise: {kept_words(history)}" if history and history.risky else ""
    record = {
        "id": purchase.id,
        "customer_id": sold.customer.id,
        "customer": sold.customer.name,
        "what": sold.what,
        "quantity": purchase.quantity,
        "amount": None
        if purchase.amount_minor is None
        else to_decimal_string(purchase.amount_minor, purchase.currency),
        "currency": purchase.currency,
        "ordered_on": purchase.ordered_on,
        "promised_on": purchase.promised_on,
        "delivered_on": purchase.delivered_on,
        "guarantee_until": purchase.guarantee_until,
        "lifetime_days": purchase.lifetime_days,
        "own_interval_days": own.interval_days if own else None,
        "status": str(purchase.status),
        "referrals_won": [moved.referral.id for moved in sold.won],
        "referral_to_reverse": sold.hollow,
        "warning": warning,
        "ended_on": purchase.ended_on,
        "closed": [item.id for item in sold.closed],
        "next": next_records(cared.scheduled),
    }
    won = " ".join(f"It wins referral {each.referral.id}, from {each.referrer.name}." for each in sold.won)
    parts = [sentence, won, next_words(desk, cared.scheduled), _again(cared.bought_again), warning, _own(sold, own)]
    return " ".join(part for part in parts if part), record, "refertrack due · take it back: refertrack undo"


def _again(closed: int) -> str:
    return f"{closed} reminder{'s' if closed != 1 else ''} closed, since it is bought again." if closed else ""


def _own(sold: Sold, own: Rhythm | None) -> str:
    """Offer the customer's own interval as a lifetime, and say that it is that."""
    if own is None:
        return ""
    what = own.product or "something"
    return (
        f"{sold.customer.name} buys {what} every {own.interval_days} days (the median of {own.purchases} purchases)."
        " A reminder before the next:"
        f" refertrack deliver {sold.customer.id} --purchase {sold.purchase.id} --lifetime own"
    )

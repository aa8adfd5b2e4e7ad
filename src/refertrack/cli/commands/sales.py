"""Purchases and deliveries."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from refertrack.cli.commands.common import CustomerArg, On, find_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Record
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.money import Money, parse_money, to_decimal_string


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
    note: Annotated[str, typer.Option("--note", metavar="WORDS", help="What it was, in words.")] = "",
) -> None:
    """Record a purchase.

    Example: refertrack add-purchase hanna --product "Heat pump" --amount 4200 --promised "in 3 weeks"
    """
    desk = Desk(ctx)
    money = currency.upper() if currency else desk.business.currency
    customer = find_customer(desk, who)
    from refertrack.workflows import purchases

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
    with desk.writing() as (session, _):
        sold = purchases.add(session, customer["id"], new)
    sentence = f"Recorded: purchase {sold.purchase.id}, {sold.what} for {sold.customer.name}."
    desk.screen.changed(*_said(desk, sentence, sold))


def deliver(
    ctx: typer.Context,
    who: CustomerArg,
    on: On = None,
    purchase: Annotated[
        int | None, typer.Option("--purchase", metavar="ID", help="Which one, if several wait.")
    ] = None,
) -> None:
    """Record that a purchase was delivered.

    Example: refertrack deliver hanna --on yesterday
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, who)
    from refertrack.workflows import purchases

    with desk.writing() as (session, _):
        sold = purchases.deliver(session, customer["id"], day, purchase)
    named = f"purchase {sold.purchase.id}, {sold.what} for {sold.customer.name}"
    sentence = f"Delivered: {named}, on {sold.purchase.delivered_on}."
    if sold.was_delivered_on is not None:
        sentence = f"Corrected: {named}, delivered {sold.was_delivered_on} → {sold.purchase.delivered_on}."
        for item in sold.redated:
            sentence += f" {item.what} ({item.id}): {item.was_due} → {item.due_on}."
    desk.screen.changed(*_said(desk, sentence, sold))


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

    with desk.writing() as (session, _):
        ended = purchases.end(session, customer["id"], day, purchase, reason=reason)
    status, count = ended.purchase.status, len(ended.closed)
    closed = f" {count} open item{'s' if count != 1 else ''} closed." if count else ""
    sentence = f"{status.capitalize()}: purchase {ended.purchase.id}, {ended.what} of {ended.customer.name}.{closed}"
    desk.screen.changed(*_said(desk, sentence, ended))


def _money(text: str | None, currency: str) -> Money | None:
    return parse_money(text, currency) if text else None


def _said(desk: Desk, sentence: str, sold: Any) -> tuple[str, Record, str]:
    purchase = sold.purchase
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
        "status": str(purchase.status),
        "referrals_won": [moved.referral.id for moved in sold.won],
        "ended_on": purchase.ended_on,
        "closed": [item.id for item in sold.closed],
        "next": next_records(sold.scheduled),
    }
    won = " ".join(f"It wins referral {each.referral.id}, from {each.referrer.name}." for each in sold.won)
    following = " ".join(part for part in (won, next_words(desk, sold.scheduled)) if part)
    return f"{sentence} {following}".strip(), record, "refertrack due · take it back: refertrack undo"

"""Referrals: received, won, lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import Company, CustomerArg, Email, On, Phone, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.words import Consent, ReferralState, RewardState

if TYPE_CHECKING:
    from refertrack.models.referrals import Referral
    from refertrack.workflows.referrals import Moved

ReferralArg = Annotated[int, typer.Argument(metavar="REFERRAL", help="The referral's id.")]
UNDO = "refertrack due · take it back: refertrack undo"


def refer(
    ctx: typer.Context,
    referrer: CustomerArg,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The person referred.")],
    email: Email = None,
    phone: Phone = None,
    company: Company = None,
    ask: Annotated[int | None, typer.Option("--ask", metavar="ID", help="The ask that it answers.")] = None,
    consent: Annotated[
        Consent, typer.Option("--consent", help="On what ground the person may be written to.")
    ] = Consent.NONE,
    relation: Annotated[str, typer.Option("--relation", metavar="WORDS", help="How the two know each other.")] = "",
    on: On = None,
    anyway: Annotated[str, typer.Option("--anyway", metavar="WORDS", help="Why it counts all the same.")] = "",
) -> None:
    """Record that a customer referred somebody.

    Example: refertrack refer marta "Rui Costa" --email rui@example.org --consent introduction
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, referrer)
    from refertrack.workflows import referrals

    new = referrals.NewReferral(name, company or "", email or "", phone or "", relation, consent, day, anyway)
    with desk.writing() as (session, _):
        moved = referrals.receive(session, customer["id"], new, ask)
    record = {
        **referral_record(moved.referral),
        "warnings": list(moved.warnings),
        "next": next_records(moved.scheduled),
    }
    desk.screen.changed(received_sentence(desk, moved), record, UNDO)


def won(
    ctx: typer.Context,
    number: ReferralArg,
    amount: Annotated[str | None, typer.Option("--amount", metavar="MONEY", help="Their first purchase.")] = None,
    product: Annotated[str, typer.Option("--product", metavar="NAME", help="What they bought.")] = "",
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    customer: Annotated[
        str | None,
        typer.Option("--customer", help="The customer that they are already.", autocompletion=complete_customer),
    ] = None,
    came_anyway: Annotated[
        bool | None, typer.Option("--came-anyway/--only-through", help="Would they have come anyway?")
    ] = None,
    on: On = None,
) -> None:
    """Win a referral: the person referred is a customer now.

    Example: refertrack won 23 --amount 4200
    """
    desk = Desk(ctx)
    from refertrack.rules.money import parse_money
    from refertrack.workflows import referrals

    day = desk.day(on, field="on", prefer="past")
    money = parse_money(amount, currency.upper() if currency else desk.business.currency) if amount else None
    linked = find_customer(desk, customer)["id"] if customer else None
    with desk.writing() as (session, _):
        moved = referrals.win(
            session, number, on=day, amount=money, product=product, customer_id=linked, came_anyway=came_anyway
        )
    name = moved.customer.name if moved.customer else moved.referral.name
    sentence = f"{name} is a customer now ({moved.referral.customer_id}). {next_words(desk, moved.scheduled)}".strip()
    sentence = " ".join([sentence, *reward_words(moved)])
    desk.screen.changed(sentence, _moved_record(moved), UNDO)


def lost(
    ctx: typer.Context,
    number: ReferralArg,
    reason: Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why; kept to yourself.")] = "",
    on: On = None,
) -> None:
    """Close a referral that did not become a customer.

    Example: refertrack lost 23 --reason "bought elsewhere"
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    if desk.screen.interactive and not reason:
        reason = desk.screen.ask("Why?")
    from refertrack.workflows import referrals

    with desk.writing() as (session, _):
        moved = referrals.move(session, number, ReferralState.LOST, on=day, reason=reason)
    sentence = f"Referral {number}, {moved.referral.name}: lost. {next_words(desk, moved.scheduled)}".strip()
    desk.screen.changed(sentence, _moved_record(moved), UNDO)


def received_sentence(desk: Desk, moved: Moved) -> str:
    """Say that a referral was received, whether it counts, what deserves a look, and what follows."""
    referral = moved.referral
    kind = "asked" if referral.ask_id else "unasked"
    words = f"Referral {referral.id}: {referral.name}, from {moved.referrer.name} ({kind})."
    if referral.state == ReferralState.DISQUALIFIED:
        first = f" (referral {referral.first_claim_id})" if referral.first_claim_id else ""
        words += f' It does not count: {referral.reason}{first}. If it should: --anyway "why".'
    if moved.warnings:
        words += f" Look twice: {'; '.join(moved.warnings)}."
    return f"{words} {next_words(desk, moved.scheduled)}".strip()


def reward_words(moved: Moved) -> list[str]:
    """Say what a referral has earned or lost."""
    from refertrack.workflows.rewards import needs_approval

    found = []
    for reward in moved.rewards:
        whom = moved.referrer.name if reward.customer_id == moved.referrer.id else moved.referral.name
        if reward.state == RewardState.VOIDED:
            found.append(f'"{reward.words}" for {whom} is void (reward {reward.id}).')
        elif reward.state == RewardState.CLAWED_BACK:
            found.append(f'"{reward.words}" for {whom} is to come back (reward {reward.id}).')
        elif reward.hold_until is not None:
            found.append(
                f'{whom} gets "{reward.words}" on {reward.hold_until} (reward {reward.id}), as your rule says.'
            )
        else:
            once = " once it is approved" if needs_approval(reward) else ""
            found.append(f'{whom} gets "{reward.words}"{once} (reward {reward.id}), as your rule says.')
    return found


def referral_record(referral: Referral) -> dict[str, Any]:
    """Return a referral for JSON."""
    return {
        "id": referral.id,
        "referrer_id": referral.referrer_id,
        "ask_id": referral.ask_id,
        "name": referral.name,
        "company": referral.company,
        "email": referral.email,
        "phone": referral.phone,
        "received_on": referral.received_on,
        "consent": str(referral.consent),
        "state": str(referral.state),
        "reason": referral.reason,
        "customer_id": referral.customer_id,
        "first_claim_id": referral.first_claim_id,
    }


def _moved_record(moved: Moved) -> dict[str, Any]:
    return {
        **referral_record(moved.referral),
        "referrer": moved.referrer.name,
        "rewards": [reward.id for reward in moved.rewards],
        "next": next_records(moved.scheduled),
    }

"""Referrals: received, moved, won, lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import Company, CustomerArg, Email, On, Phone, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Record
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.errors import BadValue
from refertrack.rules.words import Beneficiary, Consent, ReferralState, RewardState

if TYPE_CHECKING:
    from refertrack.models.referrals import Referral
    from refertrack.rules.incentives import Rule
    from refertrack.workflows.moves import Moved

ReferralArg = Annotated[int, typer.Argument(metavar="REFERRAL", help="The referral's id.")]
ConsentOption = Annotated[
    Consent | None, typer.Option("--consent", help="On what ground the person may be written to.")
]
MayTell = Annotated[
    bool | None,
    typer.Option("--may-tell/--may-not-tell", help="Whether the referrer may hear from you how it went."),
]
Why = Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why; kept to yourself.")]
Relation = Annotated[str | None, typer.Option("--relation", metavar="WORDS", help="How the two know each other.")]
CameAnyway = Annotated[bool | None, typer.Option("--came-anyway/--only-through", help="Would they have come anyway?")]
UNDO = "refertrack due · take it back: refertrack undo"


def refer(
    ctx: typer.Context,
    referrer: CustomerArg,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The person referred.")],
    email: Email = None,
    phone: Phone = None,
    company: Company = None,
    ask: Annotated[int | None, typer.Option("--ask", metavar="ID", help="The ask that it answers.")] = None,
    consent: ConsentOption = None,
    relation: Relation = None,
    may_tell: MayTell = None,
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
    from refertrack.workflows.referred import NewReferral

    new = NewReferral(
        name, company or "", email or "", phone or "", relation or "", consent or Consent.NONE, day, anyway,
        may_tell=bool(may_tell),
    )  # fmt: skip
    with desk.writing() as (session, _):
        moved = referrals.receive(session, customer["id"], new, ask)
    record = {**_moved_record(moved), "warnings": list(moved.warnings)}
    desk.screen.changed(" ".join([received_sentence(desk, moved), *reward_words(moved)]), record, UNDO)


def contacted(
    ctx: typer.Context, number: ReferralArg, consent: ConsentOption = None, may_tell: MayTell = None, on: On = None
) -> None:
    """Record that you spoke with a person referred.

    Example: refertrack contacted 23 --consent introduction
    """
    _move(Desk(ctx), number, ReferralState.CONTACTED, on, consent=consent, may_tell=may_tell)


def qualify(
    ctx: typer.Context, number: ReferralArg, consent: ConsentOption = None, may_tell: MayTell = None, on: On = None
) -> None:
    """Note that a person referred is somebody whom you can help.

    Example: refertrack qualify 23
    """
    _move(Desk(ctx), number, ReferralState.QUALIFIED, on, consent=consent, may_tell=may_tell)


def lost(ctx: typer.Context, number: ReferralArg, reason: Why = "", may_tell: MayTell = None, on: On = None) -> None:
    """Close a referral that did not become a customer.

    Example: refertrack lost 23 --reason "bought elsewhere"
    """
    _move(Desk(ctx), number, ReferralState.LOST, on, reason=reason, ask_why=True, may_tell=may_tell)


def disqualify(
    ctx: typer.Context, number: ReferralArg, reason: Why = "", may_tell: MayTell = None, on: On = None
) -> None:
    """Close a referral that does not count.

    Example: refertrack disqualify 23 --reason "existing customer"
    """
    _move(Desk(ctx), number, ReferralState.DISQUALIFIED, on, reason=reason, ask_why=True, may_tell=may_tell)


def reopen(ctx: typer.Context, number: ReferralArg, reason: Why = "", on: On = None) -> None:
    """Open a referral again that was lost, disqualified or has expired.

    Example: refertrack reopen 23 --reason "called back after all"
    """
    _move(Desk(ctx), number, ReferralState.RECEIVED, on, reason=reason, ask_why=True)


def reverse(ctx: typer.Context, number: ReferralArg, reason: Why = "", on: On = None) -> None:
    """Take back a win: the order was cancelled. What it earned is void, or comes back.

    Example: refertrack reverse 23 --reason "order cancelled"
    """
    _move(Desk(ctx), number, ReferralState.REVERSED, on, reason=reason, ask_why=True)


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
    came_anyway: CameAnyway = None,
    may_tell: MayTell = None,
    on: On = None,
    anyway: Annotated[str, typer.Option("--anyway", metavar="WORDS", help="Why it counts all the same.")] = "",
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
    if desk.screen.interactive:
        came_anyway, may_tell = _asked_at_the_win(desk, number, came_anyway, may_tell)
    with desk.writing() as (session, _):
        moved = referrals.win(
            session, number, on=day, amount=money, product=product, customer_id=linked, came_anyway=came_anyway,
            may_tell=may_tell, override=anyway,
        )  # fmt: skip
    name = moved.customer.name if moved.customer else moved.referral.name
    sentence = f"{name} is a customer now ({moved.referral.customer_id}). {next_words(desk, moved.scheduled)}".strip()
    desk.screen.changed(" ".join([sentence, *reward_words(moved)]), _moved_record(moved), UNDO)


def edit_referral(
    ctx: typer.Context,
    number: ReferralArg,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The person's name.")] = None,
    email: Email = None,
    phone: Phone = None,
    company: Company = None,
    relation: Relation = None,
    consent: ConsentOption = None,
    may_tell: MayTell = None,
    came_anyway: CameAnyway = None,
) -> None:
    """Correct what is known of a person referred, or note that they consent.

    Example: refertrack edit-referral 23 --email rui@example.org --consent consent
    """
    desk = Desk(ctx)
    from refertrack.rules.errors import WrongUsage
    from refertrack.workflows.referred import Edit, edit

    new = Edit(name, company, email, phone, relation, consent, may_tell, came_anyway)
    if new == Edit():
        raise WrongUsage(
            "Nothing is said to change.", f"Like this: refertrack edit-referral {number} --consent consent"
        )
    with desk.writing() as (session, _):
        moved = edit(session, number, new)
    look = f" Look twice: {'; '.join(moved.warnings)}." if moved.warnings else ""
    sentence = f"Referral {number}, {moved.referral.name}: changed.{look} {next_words(desk, moved.scheduled)}".strip()
    desk.screen.changed(sentence, {**_moved_record(moved), "warnings": list(moved.warnings)}, UNDO)


def _move(
    desk: Desk, number: int, to: ReferralState, on: str | None, *, reason: str = "", ask_why: bool = False, **more: Any
) -> None:
    """Move a referral and say what follows; on a terminal a missing reason is asked for."""
    day = desk.day(on, field="on", prefer="past")
    if ask_why and not reason and desk.screen.interactive:
        _check_move(desk, number, to)
        reason = desk.screen.ask("Why")
    from refertrack.workflows import referrals

    with desk.writing() as (session, _):
        moved = referrals.move(session, number, to, on=day, reason=reason, **more)
    state = "opened again" if to == ReferralState.RECEIVED else str(to)
    sentence = f"Referral {number}, {moved.referral.name}: {state}. {next_words(desk, moved.scheduled)}".strip()
    desk.screen.changed(" ".join([sentence, *reward_words(moved)]), _moved_record(moved), UNDO)


def _asked_at_the_win(
    desk: Desk, number: int, came_anyway: bool | None, may_tell: bool | None
) -> tuple[bool | None, bool | None]:
    """Ask what only the person won can say: whether they would have come anyway, and what may be told."""
    _check_move(desk, number, ReferralState.WON)
    if came_anyway is None:
        came_anyway = _yes_or_no(desk, "Would they have come without the recommendation?")
    if may_tell is None:
        may_tell = _yes_or_no(desk, "May the referrer hear from you how it went?")
    return came_anyway, may_tell


def _yes_or_no(desk: Desk, question: str) -> bool | None:
    """Ask a question that may stay open."""
    words = {"yes": True, "y": True, "no": False, "n": False}

    def check(text: str) -> str:
        if text.casefold() not in words:
            raise BadValue(f'"{text}" is neither yes nor no.', "Say yes or no, or nothing.", field="answer")
        return text.casefold()

    return words.get(desk.asked(f"{question} yes, no (nothing: not known)", check=check))


def _check_move(desk: Desk, number: int, to: ReferralState) -> None:
    """See that a referral may go there before anything is asked for."""
    from refertrack.rules.errors import NotFound
    from refertrack.rules.referrals import check_move, state_today

    with desk.reading() as reader:
        row = reader.row("SELECT state, moved_on FROM referral_line WHERE id = :id", id=number)
    if row is None:
        raise NotFound(f"There is no referral {number}.", "See: refertrack referrals")
    check_move(number, state_today(row["state"], date.fromisoformat(row["moved_on"]), desk.today), to, "asked next")


def received_sentence(desk: Desk, moved: Moved) -> str:
    """Say that a referral was received, whether it counts, what deserves a look, and what follows."""
    referral = moved.referral
    kind = "asked" if referral.ask_id else "unasked"
    words = f"Referral {referral.id}: {referral.name}, from {moved.referrer.name} ({kind})."
    if referral.state == ReferralState.DISQUALIFIED:
        first = f" (referral {referral.first_claim_id})" if referral.first_claim_id else ""
        words += f' It does not count: {referral.reason}{first}. If it should: refertrack undo, then --anyway "why".'
    if referral.override_reason:
        words += f" It counts all the same: {referral.override_reason}."
    if moved.warnings:
        words += f" Look twice: {'; '.join(moved.warnings)}."
    return f"{words} {next_words(desk, moved.scheduled)}".strip()


def reward_words(moved: Moved) -> list[str]:
    """Say what a referral has earned or lost."""
    from refertrack.workflows.rewards import needs_approval

    found = [_unearned(moved, rule, why) for rule, why in moved.unearned]
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


def _unearned(moved: Moved, rule: Rule, why: str) -> str:
    """Say why a win earned nothing; or what it will, once the first purchase is on record, and how to record it."""
    from refertrack.rules.incentives import WAITS
    from refertrack.rules.money import format_money

    whom = moved.referral.name if rule.beneficiary == Beneficiary.REFERRED else moved.referrer.name
    if why != WAITS:
        return f'{whom} gets nothing by your rule "{rule.name}": {why}.'
    first = (
        f"a first purchase of {format_money(rule.minimum_purchase, rule.currency)} or more"
        if rule.minimum_purchase
        else "it"
    )
    return (
        f"{whom} gets {rule.words()} once {first} is on record:"
        f" refertrack add-purchase {moved.referral.customer_id} --amount MONEY"
    )


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
        "relation": referral.relation,
        "consent": str(referral.consent),
        "may_tell_referrer": referral.may_tell_referrer,
        "would_have_come_anyway": referral.would_have_come_anyway,
        "state": str(referral.state),
        "moved_on": referral.moved_on,
        "reason": referral.reason,
        "override_reason": referral.override_reason,
        "customer_id": referral.customer_id,
        "first_claim_id": referral.first_claim_id,
    }


def _moved_record(moved: Moved) -> Record:
    return {
        **referral_record(moved.referral),
        "referrer": moved.referrer.name,
        "rewards": [reward.id for reward in moved.rewards],
        "unearned": [f"{rule.name}: {why}" for rule, why in moved.unearned],
        "next": next_records(moved.scheduled),
    }

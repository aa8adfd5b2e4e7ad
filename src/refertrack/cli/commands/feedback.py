"""What customers and staff say: compliments, complaints, claims, ideas, gaps, remarkable deeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import CustomerArg, Note, On, Owner, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.feedback_tables import feedback_page, tell
from refertrack.rules.words import FeedbackKind, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from refertrack.workflows.feedback import Heard, NewFeedback

WordsArg = Annotated[str | None, typer.Argument(metavar="WORDS", help="What was said or done, in words.")]
FeedbackArg = Annotated[int, typer.Argument(metavar="ID", help="The id that `feedback` shows.")]
Process = Annotated[str, typer.Option("--process", metavar="NAME", help="What it is about: delivery, billing, …")]
Severity = Annotated[int | None, typer.Option("--severity", metavar="N", help="How bad, 1 to 5.")]
PurchaseOption = Annotated[int | None, typer.Option("--purchase", metavar="ID", help="The purchase it is about.")]
Praised = Annotated[str, typer.Option("--praised", metavar="NAME", help="Who did it.")]
CustomerOption = Annotated[
    str | None,
    typer.Option("--customer", metavar="CUSTOMER", help="Whose it is.", autocompletion=complete_customer),
]


def compliment(
    ctx: typer.Context,
    who: CustomerArg,
    words: WordsArg = None,
    praised: Praised = "",
    purchase: PurchaseOption = None,
    on: On = None,
) -> None:
    """Record a customer's kind words: thank them today, and ask for a referral if they are ready.

    Example: refertrack compliment marta "quick and clean, thank you!" --praised Ida
    """
    desk = Desk(ctx)
    said = desk.needed(words, "What did they say?", "the words")
    from refertrack.workflows import feedback as work

    new = work.NewFeedback(said, _past(desk, on), purchase, praised=praised)
    _hear(desk, who, work.compliment, new)


def complain(
    ctx: typer.Context,
    who: CustomerArg,
    words: WordsArg = None,
    severity: Severity = None,
    process: Process = "",
    purchase: PurchaseOption = None,
    owner: Owner = None,
    on: On = None,
) -> None:
    """Record a complaint: answer it today; until it is put right nothing asks or sells.

    Example: refertrack complain hanna "nobody called back" --process delivery --severity 4
    """
    desk = Desk(ctx)
    said = desk.needed(words, "What was wrong?", "the words")
    from refertrack.workflows import feedback as work

    new = work.NewFeedback(
        said, _past(desk, on), purchase, process=process, severity=severity, owner=owner or desk.context.author
    )
    _hear(desk, who, work.complain, new)


def claim(
    ctx: typer.Context,
    who: CustomerArg,
    words: WordsArg = None,
    purchase: PurchaseOption = None,
    cost: Annotated[str | None, typer.Option("--cost", metavar="MONEY", help="What it costs us.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    severity: Severity = None,
    process: Process = "",
    owner: Owner = None,
    on: On = None,
) -> None:
    """Record a claim under guarantee; one after its end is recorded, too, with a note.

    Example: refertrack claim hanna "the pump leaks" --cost 180
    """
    desk = Desk(ctx)
    said = desk.needed(words, "What is broken?", "the words")
    from refertrack.rules.money import parse_money
    from refertrack.workflows import feedback as work

    money = parse_money(cost, (currency or desk.business.currency).upper(), field="cost") if cost else None
    new = work.NewFeedback(
        said,
        _past(desk, on),
        purchase,
        process=process,
        severity=severity,
        cost=money,
        owner=owner or desk.context.author,
    )
    _hear(desk, who, work.claim, new)


def idea(
    ctx: typer.Context,
    words: WordsArg = None,
    customer: CustomerOption = None,
    origin: Annotated[
        Origin | None, typer.Option("--from", help="Whose idea: a customer's, ours, the staff's, or best practice.")
    ] = None,
    process: Process = "",
    owner: Owner = None,
    on: On = None,
) -> None:
    """Record an idea; a customer's comes back to them as "you said, we did" once it is resolved.

    Example: refertrack idea "call the day before you come" --customer hanna --process delivery
    """
    desk = Desk(ctx)
    said = desk.needed(words, "What is the idea?", "the words")
    from refertrack.workflows import feedback as work

    whose = origin or (Origin.CUSTOMER if customer else Origin.OURS)
    new = work.NewFeedback(said, _past(desk, on), process=process, owner=owner or "", origin=whose)
    _share(desk, FeedbackKind.IDEA, new, customer)


def gap(
    ctx: typer.Context,
    who: CustomerArg,
    words: WordsArg = None,
    importance: Annotated[
        str | None, typer.Option("--importance", metavar="N", help="How much it matters to them, 0 to 5.")
    ] = None,
    performance: Annotated[
        str | None, typer.Option("--performance", metavar="N", help="How well we do it, 0 to 5.")
    ] = None,
    process: Process = "",
    owner: Owner = None,
    on: On = None,
) -> None:
    """Record what a customer wants and how we do: what matters much and we do badly comes first.

    Example: refertrack gap hanna "an exact time of delivery" --importance 5 --performance 2
    """
    desk = Desk(ctx)
    said = desk.needed(words, "What do they want?", "the words")
    matters = desk.needed(importance, "How much does it matter to them, 0 to 5?", "--importance N")
    doing = desk.needed(performance, "How well do we do it, 0 to 5?", "--performance N")
    from refertrack.rules.listening import read_scale
    from refertrack.workflows import feedback as work

    new = work.NewFeedback(
        said,
        _past(desk, on),
        process=process,
        importance=read_scale(matters, "importance", 0, 5),
        performance=read_scale(doing, "performance", 0, 5),
        owner=owner or "",
    )
    _share(desk, FeedbackKind.GAP, new, who)


def remarkable(
    ctx: typer.Context,
    words: WordsArg = None,
    praised: Praised = "",
    customer: CustomerOption = None,
    on: On = None,
) -> None:
    """Record something that somebody did remarkably well; `today` shows it until it is praised.

    Example: refertrack remarkable "drove back for a missing screw" --praised Ida --customer hanna
    """
    desk = Desk(ctx)
    said = desk.needed(words, "What was done?", "the words")
    done_by = desk.needed(praised, "Who did it?", "--praised NAME")
    from refertrack.workflows import feedback as work

    new = work.NewFeedback(said, _past(desk, on), praised=done_by, origin=Origin.STAFF)
    _share(desk, FeedbackKind.REMARKABLE, new, customer)


def acknowledge(ctx: typer.Context, number: FeedbackArg, on: On = None) -> None:
    """Note that a customer was answered, or a deed was praised.

    Example: refertrack acknowledge 7
    """
    desk = Desk(ctx)
    day = _past(desk, on)
    from refertrack.workflows import recovery

    with desk.writing() as (session, _):
        heard = recovery.acknowledge(session, number, on=day)
    tell(desk, heard, "answered" if heard.feedback.kind != FeedbackKind.REMARKABLE else "praised")


def resolve(ctx: typer.Context, number: FeedbackArg, note: Note = "", on: On = None) -> None:
    """Note what was done about a complaint, claim, idea or gap; the customer hears of it.

    Example: refertrack resolve 7 --note "moved the unit to the north wall"
    """
    desk = Desk(ctx)
    day = _past(desk, on)
    words = desk.needed(note, "What was done about it?", '--note "…"')
    from refertrack.workflows import recovery

    with desk.writing() as (session, _):
        heard = recovery.resolve(session, number, words, on=day)
    tell(desk, heard, "resolved")


def confirm(
    ctx: typer.Context,
    number: FeedbackArg,
    not_ok: Annotated[
        str | None, typer.Option("--not-ok", metavar="WORDS", help="They say it is not right: it is open again.")
    ] = None,
    on: On = None,
) -> None:
    """Note whether the customer says that it is right now.

    Example: refertrack confirm 7 --not-ok "still too loud at night"
    """
    desk = Desk(ctx)
    day = _past(desk, on)
    wrong = "" if not_ok is None else desk.needed(not_ok, "What is not right yet?", '--not-ok "…"')
    from refertrack.workflows import recovery

    with desk.writing() as (session, _):
        heard = recovery.reopen(session, number, wrong, on=day) if wrong else recovery.confirm(session, number, on=day)
    tell(desk, heard, "confirmed: it is right now" if not_ok is None else "open again")


def feedback(
    ctx: typer.Context,
    kind: Annotated[FeedbackKind | None, typer.Option("--kind", help="Only this kind; gaps by what matters.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what is not settled.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Only complaints and claims that wait too long.")] = False,
    process: Process = "",
    customer: CustomerOption = None,
    owner: Owner = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="From this day on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Until this day.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Show at most so many.")] = None,
) -> None:
    """What customers and staff have said, the newest first.

    Example: refertrack feedback --open --kind complaint
    """
    desk = Desk(ctx)
    from refertrack.reports.feedback import FeedbackFilter
    from refertrack.reports.feedback import feedback as said

    first, last = desk.day(since, field="since", prefer="past"), desk.day(until, field="until", prefer="past")
    with desk.reading() as reader:
        who = find_customer(desk, customer, reader)["id"] if customer else None
        wanted = FeedbackFilter(kind or "", only_open, late, process, owner or "", who, first, last, limit)
        rows = said(reader, desk.today, wanted, desk.business.limits)
    feedback_page(desk, rows, kind or "")


def _past(desk: Desk, on: str | None) -> Any:
    return desk.day(on, field="on", prefer="past")


def _hear(desk: Desk, who: str, work: Callable[..., Heard], new: NewFeedback) -> None:
    customer = find_customer(desk, who)
    with desk.writing() as (session, _):
        heard = work(session, customer["id"], new)
    tell(desk, heard)


def _share(desk: Desk, kind: FeedbackKind, new: NewFeedback, who: str | None) -> None:
    customer = find_customer(desk, who)["id"] if who else None
    from refertrack.workflows import feedback as work

    with desk.writing() as (session, _):
        heard = work.share(session, kind, new, customer)
    tell(desk, heard)

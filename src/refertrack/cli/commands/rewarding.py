"""Rewards: what referrals earned, approving and giving it, and the rules behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import Limit, On, find_customer
from refertrack.cli.complete import complete_customer
from refertrack.cli.desk import Desk
from refertrack.cli.documents import CheckFile, Edit, ExportFile, Force, ImportFile, Request, Reset, tend
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.errors import BadValue
from refertrack.rules.money import format_money, to_decimal_string
from refertrack.rules.words import Beneficiary, RewardKind, RewardState, Trigger

if TYPE_CHECKING:
    from refertrack.models.referrals import Reward
    from refertrack.rules.incentives import Rule

REWARD_FIELDS = (
    "id", "customer_id", "customer", "words", "amount", "currency", "state", "accrued_on", "hold_until", "valid_until",
    "approved_on", "given_on", "ended_on", "reason", "referral_id", "referred", "beneficiary", "rule", "kind", "line",
    "approval",
)  # fmt: skip
OWED_FIELDS = ("currency", "rewards", "amount")
RULE_FIELDS = (
    "name", "title", "trigger", "beneficiary", "kind", "value", "cost", "currency", "minimum_purchase", "hold_days",
    "cap_count", "cap_amount", "from_nth", "until_nth", "valid_days", "approval", "off", "words",
)  # fmt: skip
RewardsArg = Annotated[list[int], typer.Argument(metavar="ID…", help="Rewards, by the ids that `rewards` shows.")]
OPEN = "open"


def rewards(
    ctx: typer.Context,
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state", metavar="STATE", help=f"{OPEN} (still owed), {', '.join(RewardState)}; may be repeated."
        ),
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Only this customer's.", autocompletion=complete_customer)
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Earned since a day.")] = None,
    owed: Annotated[bool, typer.Option("--owed", help="Only the sum that is still open, by currency.")] = False,
    limit: Limit = None,
) -> None:
    """What referrals have earned, and what is still owed.

    Example: refertrack rewards --state open
    """
    desk = Desk(ctx)
    from refertrack.reports import rewards as report

    states, day = _states(state or []), desk.day(since, field="since", prefer="past")
    with desk.reading() as reader:
        number = find_customer(desk, customer, reader)["id"] if customer else None
        found = report.rewards(reader, desk.today, report.RewardFilter(states, number, day, limit))
        sums = report.owed(reader, desk.today)
    if owed:
        desk.screen.listing(_owed_listing(sums))
        return
    desk.screen.listing(_listing(found))
    _owed_line(desk, sums)
    desk.screen.hint(_next(found))


def approve(
    ctx: typer.Context,
    numbers: RewardsArg,
    refuse: Annotated[str, typer.Option("--refuse", metavar="WORDS", help="Do not; say why. It is void then.")] = "",
) -> None:
    """Approve rewards, or refuse them.

    Example: refertrack approve 9
    """
    desk = Desk(ctx)
    from refertrack.workflows import rewards as flow

    verb = "Refused" if refuse else "Approved"
    _change(
        desk,
        numbers,
        verb,
        lambda session, each: flow.refuse(session, each, refuse) if refuse else flow.approve(session, each),
    )


def give(ctx: typer.Context, numbers: RewardsArg, on: On = None) -> None:
    """Record that rewards were given.

    Example: refertrack give 9 --on yesterday
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    from refertrack.workflows import rewards as flow

    _change(desk, numbers, "Given", lambda session, each: flow.give(session, each, day))


def incentives(
    ctx: typer.Context,
    edit: Edit = False,
    import_file: ImportFile = None,
    export_file: ExportFile = None,
    check_file: CheckFile = None,
    reset: Reset = False,
    force: Force = False,
) -> None:
    """What a referral earns: the rules, in words.

    Example: refertrack incentives
    """
    desk = Desk(ctx)
    if tend(desk, "incentives", Request(edit, import_file, export_file, check_file, reset, force), _currencies):
        return
    rules = list(desk.business.incentives.values())
    columns = (
        Column("rule", lambda row: row["name"]),
        Column("in words", lambda row: row["words"]),
    )
    desk.screen.listing(Listing(RULE_FIELDS, [rule_record(rule) for rule in rules], columns))
    desk.screen.hint('Change one: refertrack set-incentive thanks --gives "dinner for two" --cost 60 · or --edit')


def set_incentive(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RULE", help="The rule's name; a new one is added.")] = "thanks",
    gives: Annotated[
        str | None, typer.Option("--gives", metavar="WORDS", help="A thing in kind: dinner for two.")
    ] = None,
    cost: Annotated[str | None, typer.Option("--cost", metavar="MONEY", help="What the thing costs you.")] = None,
    amount: Annotated[str | None, typer.Option("--amount", metavar="MONEY", help="A fixed amount instead.")] = None,
    percent: Annotated[
        str | None, typer.Option("--percent", metavar="N", help="A share of the first purchase.")
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    when: Annotated[Trigger | None, typer.Option("--when", help="How far the referral must have come.")] = None,
    to: Annotated[Beneficiary | None, typer.Option("--to", help="Who gets it.")] = None,
    minimum: Annotated[str | None, typer.Option("--minimum", metavar="MONEY", help="Least first purchase.")] = None,
    hold: Annotated[int | None, typer.Option("--hold", metavar="DAYS", help="Days until it may be given.")] = None,
    per_year: Annotated[int | None, typer.Option("--per-year", metavar="N", help="At most so many; 0: any.")] = None,
    amount_per_year: Annotated[
        str | None, typer.Option("--amount-per-year", metavar="MONEY", help="At most so much; 0: any.")
    ] = None,
    from_nth: Annotated[int | None, typer.Option("--from", metavar="N", help="From the Nth win on.")] = None,
    until_nth: Annotated[int | None, typer.Option("--until", metavar="N", help="Up to that win; 0: all.")] = None,
    valid: Annotated[
        int | None, typer.Option("--valid", metavar="DAYS", help="Days until it expires; 0: never.")
    ] = None,
    approval: Annotated[bool | None, typer.Option("--approval/--no-approval", help="Must be approved?")] = None,
    off: Annotated[bool | None, typer.Option("--off/--in-force", help="Whether the rule earns nothing.")] = None,
) -> None:
    """Say what a referral earns.

    Example: refertrack set-incentive thanks --gives "dinner for two" --cost 60 --hold 30
    """
    desk = Desk(ctx)
    from refertrack.rules.incentives import rule_words
    from refertrack.workflows.incentives import set_rule

    money = _plain_money(desk, currency)
    values: dict[str, Any] = {
        **_value(gives, amount and money(amount, "amount"), percent), "cost": cost and money(cost, "cost"),
        "currency": currency and currency.upper(), "trigger": when and str(when), "beneficiary": to and str(to),
        "minimum_purchase": minimum and money(minimum, "minimum"), "hold_days": hold, "cap_count": per_year,
        "cap_amount": amount_per_year and money(amount_per_year, "amount-per-year"),
        "from_nth": from_nth, "until_nth": until_nth, "valid_days": valid, "approval": approval, "off": off,
    }  # fmt: skip
    given = {key: value for key, value in values.items() if value is not None}
    if not given:
        raise BadValue("Nothing was said about the rule.", 'Like this: --gives "dinner for two" --cost 60')
    with desk.writing() as (session, _):
        rule = set_rule(session, name, given)
    desk.screen.changed(
        f"{rule.name}: {rule_words(rule)} Rewards earned before stay as they are.",
        rule_record(rule),
        "refertrack incentives · take it back: refertrack undo",
    )


def rule_record(rule: Rule) -> dict[str, Any]:
    """Return a rule for JSON: amounts as decimal strings, 0 for no limit."""
    from refertrack.rules.incentives import rule_words

    def money(amount: int) -> str:
        return to_decimal_string(amount, rule.currency)

    in_kind = rule.kind == RewardKind.IN_KIND
    share = to_decimal_string(rule.basis_points, "")
    return {
        "name": rule.name, "title": rule.title, "trigger": str(rule.trigger), "beneficiary": str(rule.beneficiary),
        "kind": str(rule.kind),
        "value": rule.what if in_kind else share if rule.kind == RewardKind.PERCENT else money(rule.amount_minor),
        "cost": money(rule.amount_minor) if in_kind else None, "currency": rule.currency,
        "minimum_purchase": money(rule.minimum_purchase), "hold_days": rule.hold_days, "cap_count": rule.cap_count,
        "cap_amount": money(rule.cap_amount), "from_nth": rule.from_nth, "until_nth": rule.until_nth,
        "valid_days": rule.valid_days, "approval": rule.approval, "off": rule.off, "words": rule_words(rule),
    }  # fmt: skip


def _value(gives: str | None, amount: str | None, percent: str | None) -> dict[str, Any]:
    told = [each for each in (gives, amount, percent) if each is not None]
    if len(told) > 1:
        raise BadValue("Say one thing: --gives, --amount or --percent.", "Make two rules for two things.")
    if not told:
        return {}
    kind = RewardKind.IN_KIND if gives is not None else RewardKind.FLAT if amount is not None else RewardKind.PERCENT
    return {"kind": str(kind), "value": told[0].rstrip(" %") if percent is not None else told[0]}


def _plain_money(desk: Desk, currency: str | None) -> Callable[[str, str], str]:
    """Return what reads an amount as people type it and writes it as the document has it."""
    from refertrack.rules.money import parse_money

    def plain(text: str, field: str) -> str:
        money = parse_money(text, currency.upper() if currency else desk.business.currency, field=field)
        return to_decimal_string(money.amount_minor, money.currency)

    return plain


def _currencies(text: str) -> None:
    from refertrack.workflows.incentives import check_currencies

    check_currencies(text)


def _states(words: list[str]) -> frozenset[str]:
    from refertrack.rules.incentives import OWED

    found: set[str] = set()
    for word in words:
        wanted = word.strip().casefold().replace(" ", "_").replace("-", "_")
        if wanted == OPEN:
            found |= {str(each) for each in OWED}
        elif wanted in list(RewardState):
            found.add(wanted)
        else:
            raise BadValue(
                f'"{word}" is no state of a reward.', f"One of: {OPEN}, {', '.join(RewardState)}.", field="state"
            )
    return frozenset(found)


def _change(desk: Desk, numbers: list[int], verb: str, act: Callable[[Any, int], Reward]) -> None:
    """Change rewards, each once, and say what became of each."""
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) >= 3 and desk.screen.interactive:
        desk.sure(f"{verb}: {len(wanted)} rewards?")
    from refertrack.workflows import customers

    results = []
    with desk.writing() as (session, _):
        for number in wanted:
            reward = act(session, number)
            name = customers.get(session, reward.customer_id).name
            results.append((f"{verb}: {reward.words} for {name} ({reward.id}).", reward_record(reward, name)))
    desk.screen.changes(results, "refertrack rewards · take it back: refertrack undo")


def reward_record(reward: Reward, customer: str) -> dict[str, Any]:
    """Return a reward for JSON."""
    return {
        "id": reward.id, "customer_id": reward.customer_id, "customer": customer, "words": reward.words,
        "amount": to_decimal_string(reward.amount_minor, reward.currency), "currency": reward.currency,
        "state": str(reward.state), "accrued_on": reward.accrued_on, "hold_until": reward.hold_until,
        "valid_until": reward.valid_until, "approved_on": reward.approved_on, "given_on": reward.given_on,
        "ended_on": reward.ended_on, "reason": reward.reason, "referral_id": reward.referral_id,
    }  # fmt: skip


def _listing(rows: list[dict[str, Any]]) -> Listing:
    for row in rows:
        row["amount"] = to_decimal_string(row["amount_minor"], row["currency"])
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("for", lambda row: row["customer"]),
        Column("what", _what),
        Column("state", _state),
        Column("why", lambda row: f"{row['referred']}\n{row['accrued_on']}"),
    )
    return Listing(REWARD_FIELDS, rows, columns)


def _next(rows: list[dict[str, Any]]) -> str:
    for row in rows:
        if row["state"] == RewardState.ACCRUED and row["approval"]:
            return f"refertrack approve {row['id']}"
        if row["state"] in {RewardState.ACCRUED, RewardState.APPROVED}:
            return f"refertrack give {row['id']}"
    return "What earns a reward: refertrack incentives"


def _what(row: Record) -> str:
    money = format_money(row["amount_minor"], row["currency"])
    if row["line"] == "claw_back":
        return f"{row['words']}\n{money}"
    return f"{row['words']}\n{money}" if row["kind"] == RewardKind.IN_KIND and row["amount_minor"] else row["words"]


def _state(row: Record) -> str:
    days = {
        RewardState.HELD: f"held until {row['hold_until']}", RewardState.GIVEN: f"given {row['given_on']}",
        RewardState.APPROVED: f"approved {row['approved_on']}", RewardState.EXPIRED: f"expired {row['valid_until']}",
        RewardState.VOIDED: f"void: {row['reason']}", RewardState.CLAWED_BACK: f"clawed back: {row['reason']}",
    }  # fmt: skip
    return days.get(RewardState(row["state"]), "to be approved" if row["approval"] else "to be given")


def _owed_listing(sums: list[Any]) -> Listing:
    records = [
        {
            "currency": each.currency,
            "rewards": each.rewards,
            "amount": to_decimal_string(each.amount_minor, each.currency),
        }
        for each in sums
    ]
    columns = (
        Column("still owed", lambda row: f"{row['amount']} {row['currency']}", right=True),
        Column("rewards", lambda row: str(row["rewards"]), right=True),
    )
    return Listing(OWED_FIELDS, records, columns)


def _owed_line(desk: Desk, sums: list[Any]) -> None:
    if not sums:
        desk.screen.line("Nothing is owed.")
        return
    parts = [f"{format_money(each.amount_minor, each.currency)} ({each.rewards})" for each in sums]
    desk.screen.line()
    desk.screen.line(f"Still owed: {' · '.join(parts)}, things in kind at cost.")

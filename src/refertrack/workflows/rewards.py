"""What referrals earn: accrued by the business's rules, held, approved, given, voided, clawed back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from refertrack.models.referrals import Referral, Reward
from refertrack.models.sales import Purchase
from refertrack.rules.dates import not_before
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.incentives import OWED, Earned, Grant, Rule, decide, loses, state_on, triggers_of
from refertrack.rules.money import Money
from refertrack.rules.schedule import Event, is_past
from refertrack.rules.text import NOTE_LIMIT, clean
from refertrack.rules.words import Beneficiary, FollowUpState, PurchaseStatus, ReferralState, RewardState, Trigger
from refertrack.store import journal
from refertrack.store.bulk import in_lists
from refertrack.workflows.scheduling import Scheduled, cancel, trigger

LINE, CLAW_BACK = "reward", "claw_back"


@dataclass
class Rewarded:
    """What a referral's move has brought: rewards earned, rewards that fell, and rules that gave nothing, and why."""

    earned: list[Reward] = field(default_factory=list)
    fallen: list[Reward] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    scheduled: Scheduled = field(default_factory=Scheduled)


def follow(session: Session, referral: Referral, before: str, on: date) -> Rewarded:
    """Let a referral that has come from one state into another on a day earn, or lose, what the rules say.

    However often it comes into a state, each rule rewards each beneficiary once: what is earned stands until it
    is voided or clawed back.
    """
    found = Rewarded()
    lost = loses(referral.state)
    if lost:
        _fall(session, referral, lost, on, found)
    new = set(triggers_of(referral.state)) - set(triggers_of(before))
    rules = [rule for rule in journal.context_of(session).business.incentives.values() if rule.trigger in new]
    _earn(session, referral, rules, on, found)
    return found


def bought(session: Session, customer_ids: Iterable[int], purchase_ids: Collection[int]) -> Rewarded:
    """Let won referrals earn what has waited for a first purchase, since it is among purchases that came in.

    A win that was old news when it was written down earns nothing: what was due then was settled then.
    """
    found = Rewarded()
    today = journal.context_of(session).today
    incentives = journal.context_of(session).business.incentives.values()
    rules = [rule for rule in incentives if rule.needs_purchase and not rule.off]
    if not rules:
        return found
    for some in in_lists(sorted(set(customer_ids))):
        won = select(Referral).where(col(Referral.customer_id).in_(some), Referral.state == ReferralState.WON)
        for referral in session.exec(won.order_by(col(Referral.id))).all():
            first = _first_purchase(session, referral)
            if first is None or first.id not in purchase_ids:
                continue
            day = max(first.ordered_on, referral.moved_on)
            if not _is_old_news(referral, day, today):
                _earn(session, referral, rules, day, found)
    return found


def unearned(session: Session, referral: Referral, on: date) -> tuple[tuple[Rule, str], ...]:
    """Return the rules by which a won referral has earned nothing, or nothing yet, and why.

    Those that are off, or for another win of the referrer's, go without saying.
    """
    found = []
    nth, purchase = _nth(session, referral), _first_purchase(session, referral)
    first = Money(purchase.amount_minor or 0, purchase.currency) if purchase else None
    for rule in journal.context_of(session).business.incentives.values():
        whose = referral.referrer_id if rule.beneficiary == Beneficiary.REFERRER else referral.customer_id
        if whose is None or rule.off or not rule.counts(nth) or _stands(session, referral, rule):
            continue
        decision = decide(rule, on, nth, first, _earned(session, rule, whose, on.year))
        if isinstance(decision, str):
            found.append((rule, decision))
    return tuple(found)


def _is_old_news(referral: Referral, day: date, today: date) -> bool:
    """Whether a win of long ago was written down when it was over: by an import, or with the customer."""
    return is_past(day, today) and (referral.import_batch_id is not None or referral.received_on == referral.moved_on)


def standing(session: Session, referral_id: int) -> list[Reward]:
    """Return a referral's rewards that were earned and not lost."""
    query = select(Reward).where(
        Reward.referral_id == referral_id, Reward.line == LINE, col(Reward.state).in_([*OWED, RewardState.GIVEN])
    )
    found = session.exec(query.order_by(col(Reward.id))).all()
    return [each for each in found if each.state != RewardState.GIVEN or _clawed_back(session, each) is None]


def approve(session: Session, number: int) -> Reward:
    """Approve a reward whose hold is over.

    Raises:
        NotFound: there is no such reward.
        NotAllowed: it is held, or has come to its end.

    """
    today = journal.context_of(session).today
    reward = get(session, number)
    state = state_of(reward, today)
    if state is not RewardState.ACCRUED:
        raise _refused(reward, state, "approved")
    reward.state, reward.approved_on = RewardState.APPROVED, today
    session.add(reward)
    session.flush()
    cancel(session, "reward", reward.key, "approved", steps=("approve",), state=FollowUpState.DONE)
    trigger(session, [_event(reward, today, _because(session, reward), skip="approve")])
    return reward


def refuse(session: Session, number: int, reason: str) -> Reward:
    """Void a reward that was not given yet, with a reason.

    Raises:
        NotFound: there is no such reward.
        NotAllowed: it has come to its end, or the reason is missing.

    """
    context = journal.context_of(session)
    reward = get(session, number)
    words = clean(reason, field="reason", limit=NOTE_LIMIT)
    if not words:
        raise NotAllowed("Why? A reward that is refused needs a reason.", '--refuse "…"')
    state = state_of(reward, context.today)
    if state not in OWED:
        raise _refused(reward, state, "refused")
    _void(session, reward, context.today, words)
    return reward


def give(session: Session, number: int, on: date | None = None) -> Reward:
    """Record that a reward was given; the item that reminded of it is done.

    Raises:
        NotFound: there is no such reward.
        NotAllowed: it is held, waits for approval, or has come to its end.
        BadValue: the day has not come yet, or is before the reward was earned.

    """
    today = journal.context_of(session).today
    reward = get(session, number)
    day = on or today
    if day > today:
        raise BadValue(f"{day.isoformat()} has not come yet.", "Give the day on which it was given.", field="on")
    if day < reward.accrued_on:
        words = f"{day.isoformat()} is before the reward was earned ({reward.accrued_on.isoformat()})."
        raise BadValue(words, not_before(reward.accrued_on, today), field="on")
    state = state_of(reward, day)
    if state is RewardState.ACCRUED and needs_approval(reward):
        raise NotAllowed(f"Reward {number} is not approved yet.", f"Approve it: refertrack approve {number}")
    if state not in {RewardState.ACCRUED, RewardState.APPROVED}:
        raise _refused(reward, state, "given")
    reward.state, reward.given_on = RewardState.GIVEN, day
    session.add(reward)
    session.flush()
    cancel(session, "reward", reward.key, "given", state=FollowUpState.DONE)
    return reward


def get(session: Session, number: int) -> Reward:
    """Return a reward by id.

    Raises:
        NotFound: there is none.

    """
    reward = session.get(Reward, number)
    if reward is None:
        raise NotFound(f"There is no reward {number}.", "See: refertrack rewards")
    return reward


def state_of(reward: Reward, today: date) -> RewardState:
    """Return a reward's state as it is on a day."""
    return state_on(reward.state, reward.hold_until, reward.valid_until, today)


def needs_approval(reward: Reward) -> bool:
    """Whether the rule, as it was copied into the reward, asks for approval."""
    return bool(json.loads(reward.rule_copy).get("approval"))


def _refused(reward: Reward, state: RewardState, wanted: str) -> NotAllowed:
    if state is RewardState.HELD and reward.hold_until is not None:
        until = reward.hold_until.isoformat()
        return NotAllowed(f"Reward {reward.id} is held until {until}.", "See: refertrack rewards --state held")
    if reward.line != LINE:
        return NotAllowed(f"{reward.id} is not a reward that can be {wanted}.", "See: refertrack rewards")
    words = {
        RewardState.GIVEN: f"was given on {reward.given_on}",
        RewardState.EXPIRED: f"expired on {reward.valid_until}",
        RewardState.APPROVED: f"was approved on {reward.approved_on}",
    }.get(state, f"was {state}")
    return NotAllowed(f"Reward {reward.id} {words} and cannot be {wanted}.", "Take that back: refertrack history")


def _earn(session: Session, referral: Referral, rules: Iterable[Rule], on: date, found: Rewarded) -> None:
    first, nth = None, 0
    for rule in rules:
        customer_id = referral.referrer_id if rule.beneficiary == Beneficiary.REFERRER else referral.customer_id
        if customer_id is None or _stands(session, referral, rule):
            continue
        nth = nth or _nth(session, referral)
        if rule.needs_purchase and first is None:
            purchase = _first_purchase(session, referral)
            first = Money(purchase.amount_minor or 0, purchase.currency) if purchase else None
        earned = _earned(session, rule, customer_id, on.year)
        decision = decide(rule, on, nth, first, earned)
        if isinstance(decision, str):
            if not rule.off:
                found.refused.append((rule.name, decision))
            continue
        found.earned.append(_accrue(session, referral, rule, customer_id, on, decision, found.scheduled))


def _accrue(
    session: Session, referral: Referral, rule: Rule, customer_id: int, on: date, grant: Grant, scheduled: Scheduled
) -> Reward:
    today = journal.context_of(session).today
    _make_way(session, referral, rule)
    reward = Reward(
        referral_id=referral.key,
        customer_id=customer_id,
        beneficiary=rule.beneficiary,
        rule=rule.name,
        rule_copy=json.dumps(asdict(rule), ensure_ascii=False, separators=(",", ":")),
        kind=rule.kind,
        amount_minor=grant.amount_minor,
        currency=grant.currency,
        words=grant.words,
        state=grant.state,
        accrued_on=on,
        hold_until=grant.hold_until,
        valid_until=grant.valid_until,
    )
    session.add(reward)
    session.flush()
    event = _event(
        reward, max(grant.hold_until or on, today), _because(session, reward), "give" if rule.approval else "approve"
    )
    scheduled.made.extend(trigger(session, [event]).made)
    return reward


def _event(reward: Reward, on: date, because: str, skip: str) -> Event:
    return Event("reward", reward.customer_id, on, "reward", reward.key, because, skip=frozenset({skip}))


def _because(session: Session, reward: Reward) -> str:
    referral = session.get_one(Referral, reward.referral_id)
    if reward.beneficiary == Beneficiary.REFERRED:
        return f"{reward.words}: came by a recommendation"
    return f"{reward.words}: referred {referral.name}"


def _stands(session: Session, referral: Referral, rule: Rule) -> bool:
    """Whether this referral has this reward already, and has not lost it."""
    line = _line(session, referral, rule)
    if line is None:
        return False
    return line.state != RewardState.VOIDED and not (line.state == RewardState.GIVEN and _clawed_back(session, line))


def _line(session: Session, referral: Referral, rule: Rule) -> Reward | None:
    query = select(Reward).where(
        Reward.referral_id == referral.key,
        Reward.rule == rule.name,
        Reward.beneficiary == rule.beneficiary,
        Reward.line == LINE,
    )
    return session.exec(query).first()


def _clawed_back(session: Session, reward: Reward) -> Reward | None:
    query = select(Reward).where(
        Reward.referral_id == reward.referral_id,
        Reward.rule == reward.rule,
        Reward.beneficiary == reward.beneficiary,
        Reward.line == CLAW_BACK,
    )
    return session.exec(query).first()


def _make_way(session: Session, referral: Referral, rule: Rule) -> None:
    """Rename the lines of a reward that was lost, so that it can be earned anew."""
    line = _line(session, referral, rule)
    if line is None:
        return
    for each in (line, _clawed_back(session, line)):
        if each is not None:
            each.line = f"{each.line} {each.key}"
            session.add(each)
    session.flush()


def _fall(session: Session, referral: Referral, lost: tuple[Trigger, ...], on: date, found: Rewarded) -> None:
    """Void what was not given yet, and claw back what was, as a line of its own."""
    query = select(Reward).where(Reward.referral_id == referral.key, Reward.line == LINE).order_by(col(Reward.id))
    for reward in session.exec(query).all():
        if json.loads(reward.rule_copy)["trigger"] not in lost:
            continue
        if reward.state in OWED:
            _void(session, reward, on, f"referral {referral.state}")
            found.fallen.append(reward)
        elif reward.state == RewardState.GIVEN and _clawed_back(session, reward) is None:
            found.fallen.append(_claw_back(session, reward, on, f"referral {referral.state}"))


def _void(session: Session, reward: Reward, on: date, reason: str) -> None:
    reward.state, reward.ended_on, reward.reason = RewardState.VOIDED, on, reason
    session.add(reward)
    session.flush()
    cancel(session, "reward", reward.key, reason)


def _claw_back(session: Session, reward: Reward, on: date, reason: str) -> Reward:
    """Take a given reward back: the same amount with the other sign, in the year in which it was earned."""
    line = Reward(
        referral_id=reward.referral_id,
        customer_id=reward.customer_id,
        beneficiary=reward.beneficiary,
        rule=reward.rule,
        rule_copy=reward.rule_copy,
        line=CLAW_BACK,
        kind=reward.kind,
        amount_minor=-reward.amount_minor,
        currency=reward.currency,
        words=reward.words,
        state=RewardState.CLAWED_BACK,
        accrued_on=reward.accrued_on,
        ended_on=on,
        reason=reason,
    )
    session.add(line)
    session.flush()
    return line


def _nth(session: Session, referral: Referral) -> int:
    """Return which of the referrer's won referrals this is."""
    query = select(col(Referral.id), col(Referral.moved_on)).where(
        Referral.referrer_id == referral.referrer_id, Referral.state == ReferralState.WON
    )
    own = (referral.moved_on, referral.key)
    return sum((moved_on, number) <= own for number, moved_on in session.exec(query).all() if number is not None)


def _first_purchase(session: Session, referral: Referral) -> Purchase | None:
    query = (
        select(Purchase)
        .where(
            Purchase.customer_id == referral.customer_id,
            col(Purchase.amount_minor).is_not(None),
            col(Purchase.status).in_([PurchaseStatus.ORDERED, PurchaseStatus.DELIVERED]),
            Purchase.ordered_on >= referral.received_on,
        )
        .order_by(col(Purchase.ordered_on), col(Purchase.id))
    )
    return session.exec(query).first()


def _earned(session: Session, rule: Rule, customer_id: int, year: int) -> Earned:
    """Sum up what a beneficiary earned by a rule in a year, less what was lost again."""
    query = select(Reward).where(
        Reward.customer_id == customer_id,
        Reward.rule == rule.name,
        Reward.beneficiary == rule.beneficiary,
        col(Reward.accrued_on).between(date(year, 1, 1), date(year, 12, 31)),
        Reward.state != RewardState.VOIDED,
    )
    lines = session.exec(query).all()
    back = sum(line.state == RewardState.CLAWED_BACK for line in lines)
    return Earned(len(lines) - 2 * back, sum(line.amount_minor for line in lines if line.currency == rule.currency))

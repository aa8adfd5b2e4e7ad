"""No sequence of commands loses, doubles or silently moves an item.

Invariants, checked after every command:

1.  A customer who is followed up (active, not opted out) has something that time brings: an item to keep in touch
    that has not ended, or a step of lost touch; and never two live items of one step of these.
2.  Nothing that hangs on one thing is made twice: one item a (thing, playbook, step).
3.  An item's row never goes; a closed one never opens again.
4.  An item that a person moved keeps its day until that person, or a contact that resets keep in touch, moves it.
5.  What was moved by anything else says so, or stands on the day that its anchor gives it.
6.  Open items have no day of closing, closed ones have one; keep in touch ends where lost touch begins.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import Session, col, select

from conftest import TODAY, make_context
from refertrack.models import all as tables
from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp, FollowUpAnchor
from refertrack.rules.errors import RefertrackError
from refertrack.rules.keeping import FIRST, KEEP, LOST
from refertrack.rules.words import OptOutChannel, OptOutPurpose, TouchChannel
from refertrack.store import journal
from refertrack.workflows import consequences, customers, follow_ups, opt_outs, purchases, spreading, touches
from refertrack.workflows.purchases import NewPurchase

LIVE = ("open", "held")


class Loop(RuleBasedStateMachine):
    """A shop with two customers, lived through day by day."""

    @initialize()
    def open_shop(self) -> None:
        from sqlalchemy import create_engine

        engine = create_engine("sqlite://")
        tables.metadata.create_all(engine)
        self.session = Session(engine)
        journal.attach(self.session, make_context())
        self.today = TODAY
        self.moved: dict[int, date] = {}
        self.closed: dict[int, str] = {}
        self.ever: set[int] = set()
        self.out: set[int] = set()
        for name in ("Hanna", "Jo"):
            customers.add(self.session, {"name": name, "email": f"{name.lower()}@x.example"})

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()

    def items(self) -> list[FollowUp]:
        self.session.flush()
        return list(self.session.exec(select(FollowUp).order_by(col(FollowUp.id))).all())

    def live(self) -> list[FollowUp]:
        return [item for item in self.items() if item.state in LIVE]

    def pick(self, number: int) -> FollowUp:
        live = self.live()
        return live[number % len(live)]

    @rule(days=st.sampled_from([1, 3, 20, 95, 190]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.session.info["context"] = make_context(self.today)

    @rule(who=st.integers(1, 2), ago=st.integers(0, 200), answered=st.booleans(),
          channel=st.sampled_from([TouchChannel.CALL, TouchChannel.MEETING]))  # fmt: skip
    def log(self, who: int, ago: int, answered: bool, channel: TouchChannel) -> None:
        new = touches.NewTouch(channel, two_way=answered, on_day=self.today - timedelta(days=ago))
        touches.record(self.session, who, new)
        if answered:
            self.released(who)

    @rule(who=st.integers(1, 2), ago=st.integers(0, 40), days=st.one_of(st.none(), st.integers(0, 20)))
    def buy(self, who: int, ago: int, days: int | None) -> None:
        ordered = self.today - timedelta(days=ago)
        delivered = None if days is None else min(ordered + timedelta(days=days), self.today)
        purchases.add(self.session, who, NewPurchase(ordered_on=ordered, delivered_on=delivered))

    @rule(who=st.integers(1, 2), number=st.integers(1, 6), ago=st.integers(0, 20))
    def deliver_or_correct(self, who: int, number: int, ago: int) -> None:
        self.tried(lambda: purchases.deliver(self.session, who, self.today - timedelta(days=ago), number))

    @rule(who=st.integers(1, 2), number=st.integers(1, 6))
    def bring_back(self, who: int, number: int) -> None:
        self.tried(lambda: purchases.end(self.session, who, None, number))

    @precondition(lambda self: self.live())
    @rule(number=st.integers(0, 50), days=st.integers(1, 60))
    def snooze(self, number: int, days: int) -> None:
        item = self.pick(number)
        if self.tried(lambda: follow_ups.snooze(self.session, item.key, self.today + timedelta(days=days))):
            self.moved[item.key] = item.due_on

    @precondition(lambda self: self.live())
    @rule(number=st.integers(0, 50), how=st.sampled_from(["done", "attempt", "skip"]))
    def close(self, number: int, how: str) -> None:
        item = self.pick(number)
        acts = {
            "done": lambda: consequences.complete(self.session, item.key),
            "attempt": lambda: consequences.attempt(self.session, item.key),
            "skip": lambda: consequences.skip(self.session, item.key, "no time"),
        }
        if self.tried(acts[how]):
            self.released(item.customer_id)
            if how == "attempt":
                self.moved.pop(item.key, None)

    @rule(who=st.integers(1, 2), purpose=st.sampled_from(list(OptOutPurpose)), lift=st.booleans())
    def opt_out(self, who: int, purpose: OptOutPurpose, lift: bool) -> None:
        self.out.add(who)  # what an opt-out closed comes back with the next contact only
        act = opt_outs.lift if lift else opt_outs.put
        self.tried(lambda: act(self.session, who, OptOutChannel.ANY, purpose))

    @rule(per_day=st.integers(1, 3))
    def spread(self, per_day: int) -> None:
        before = {item.key: item.due_on for item in self.live()}
        spreading.spread(self.session, per_day)
        self.session.expire_all()
        self.moved.update({item.key: item.due_on for item in self.live() if item.due_on != before[item.key]})

    def tried(self, act: object) -> bool:
        """Do it, unless the program says in a sentence why it cannot be done; then nothing may have changed."""
        with self.session.no_autoflush:
            self.session.flush()
        point = self.session.begin_nested()
        try:
            act()  # type: ignore[operator]
        except RefertrackError:
            point.rollback()
            self.session.expire_all()
            return False
        point.commit()
        return True

    def released(self, who: int) -> None:
        """A contact resets what time brings, whoever moved it."""
        for item in self.items():
            if item.customer_id == who and item.playbook in {KEEP, LOST}:
                self.moved.pop(item.key, None)

    @invariant()
    def nothing_is_lost_doubled_or_moved_in_silence(self) -> None:
        if not hasattr(self, "session"):
            return
        items = self.items()
        live = [item for item in items if item.state in LIVE]
        ids = {item.key for item in items}
        assert self.ever <= ids
        self.ever = ids
        for item in items:
            assert (item.closed_on is None) == (item.state in LIVE)
            assert self.closed.get(item.key, item.state) == item.state
        self.closed = {item.key: item.state for item in items if item.state not in LIVE}
        self.moved = {number: day for number, day in self.moved.items() if number not in self.closed}
        for item in live:
            if item.key in self.moved:
                assert (item.due_on, item.moved) == (self.moved[item.key], True), item
            elif item.due_on != item.nominal_due and not item.attempts:
                assert item.waits or (item.due_on - item.nominal_due).days <= 3, item  # a weekend, or said
        timed = Counter((item.customer_id, item.playbook, item.step) for item in live if item.playbook in {KEEP, LOST})
        assert all(count == 1 for count in timed.values()), timed
        pairs = self.session.exec(
            select(FollowUpAnchor.anchor_table, FollowUpAnchor.anchor_id, FollowUpAnchor.playbook, FollowUpAnchor.step)
        ).all()
        assert len(pairs) == len(set(pairs))
        self.somebody_is_kept(live)

    def somebody_is_kept(self, live: list[FollowUp]) -> None:
        for customer in self.session.exec(select(Customer)).all():
            own = [item for item in live if item.customer_id == customer.key and item.playbook in {KEEP, LOST}]
            first = next((item for item in own if (item.playbook, item.step) == (LOST, FIRST)), None)
            for item in own:
                if item.playbook == KEEP:
                    ended = item.ends_on is not None and item.ends_on <= self.today
                    assert ended or item.ends_on == (first.due_on if first else None)
            if customer.status == "active" and customer.key not in self.out:
                assert own, customer
                assert first is not None, customer


Loop.TestCase.settings = settings(
    max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_sequence_of_commands_loses_doubles_or_silently_moves_an_item = Loop.TestCase

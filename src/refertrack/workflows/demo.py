"""A sample business, lived through day by day with the same workflows as a real one.

Lind Heating sells heat pumps and their care to private homes, guest houses and shops. All names are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from sqlmodel import Session, select

from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.models.referrals import Referral
from refertrack.rules.keeping import KEEP, LOST
from refertrack.rules.money import Money
from refertrack.rules.smart import Smart
from refertrack.rules.words import Consent, FollowUpState, ReferralState, TouchChannel
from refertrack.store import journal
from refertrack.store.reader import Reader
from refertrack.store.settings import save_document
from refertrack.workflows import answers, asks, customers, demo_voices, purchases, referrals, touches
from refertrack.workflows.consequences import complete
from refertrack.workflows.moves import Moved
from refertrack.workflows.referred import NewReferral

BUSINESS = 'name = "Lind Heating"\ncurrency = "EUR"\ncountry = "SE"\n'
SEGMENTS = """["*"]
keep_in_touch_days = 90
lost_touch_days = 180

["Guest house"]
prospects = "owners of guest houses"

["Private"]
prospects = "neighbours who still heat with oil"

["Retail"]
prospects = "shops that are about to renovate"
"""
FIRST = (
    "Agnes Bruno Clara David Elif Felix Greta Hugo Ines Jonas Karin Luca Mira Nils Olga Pavel Quirin Rosa Sven Tilda"
    " Ugo Vera Willem Xenia Yann Zoe"
)
LAST = (
    "Aalto Bianchi Costa Dahl Eriksen Ferreira Garnier Holm Ivanova Jansen Kowalska Lindqvist Moreau Nowak Okafor"
    " Pereira Quist Rossi Sandberg Tanaka Ulrich Vasquez Weber Xu Yilmaz Zeman"
)
PRODUCTS = (("Heat pump", 820_000), ("Boiler service", 24_000), ("Floor heating", 460_000), ("Solar panel", 310_000))
# segment, customers, the chance (in a hundred) that one who was served well names somebody
GROUPS = (("Guest house", 14, 55), ("Private", 46, 24), ("Retail", 20, 6))


@dataclass(frozen=True)
class Sample:
    """What the sample business holds."""

    customers: int
    referrals: int
    first_item: int | None


@dataclass(frozen=True)
class Standing:
    """What stands in a sample's place: whether it is one, how many commands it had besides ``demo``, and its rows."""

    ours: bool
    commands: int
    customers: int
    referrals: int


def standing(reader: Reader) -> Standing:
    """Look at what stands in a sample's place."""
    commands = reader.value("SELECT count(*) FROM command")
    ours = reader.value("SELECT count(*) FROM command WHERE name = 'demo'")
    rows = [reader.value(f"SELECT count(*) FROM {table}") for table in ("customer", "referral")]  # noqa: S608
    return Standing(ours > 0, commands - ours, rows[0], rows[1])


def settle(session: Session) -> None:
    """Write down the rules of the business, by which it is built then."""
    save_document(session, "business", BUSINESS)
    save_document(session, "segments", SEGMENTS)


def build(session: Session) -> Sample:
    """Fill an empty database with a business that has been at work for fourteen months."""
    today = journal.context_of(session).today
    _Shop(session, today, Random(7)).live()  # noqa: S311 - the same business each time, no secret
    counted = [len(session.exec(select(table.id)).all()) for table in (Customer, Referral)]
    first = session.exec(
        select(FollowUp.id)
        .where(FollowUp.state == FollowUpState.OPEN, FollowUp.due_on <= today, FollowUp.step == "check")
        .order_by(FollowUp.due_on, FollowUp.id)  # type: ignore[arg-type]
    ).first()
    return Sample(counted[0], counted[1], first)


class _Shop:
    """The business and its days; the chances are drawn from one seeded source."""

    def __init__(self, session: Session, today: date, chance: Random) -> None:
        self.session = session
        self.today = today
        self.chance = chance
        self.voices = Random(11)  # noqa: S311 - of its own, so that what customers say moves nothing else
        self.named = 0

    def live(self) -> None:
        """Live through the months, then through the days that the walk shows."""
        people = [(segment, odds) for segment, count, odds in GROUPS for _ in range(count)]
        self.chance.shuffle(people)
        names = [f"{first} {last}" for last in LAST.split() for first in FIRST.split()]
        self.names = iter(self.chance.sample(names, len(names)))
        for place, (segment, odds) in enumerate(people):
            bought_on = self.today - timedelta(days=420 - place * 380 // len(people))
            self._customer(segment, odds, bought_on)
        self._recent_days()
        demo_voices.staff(self.session, self._on, self.today)
        while self._keep_up():
            pass

    @contextmanager
    def _on(self, day: date) -> Iterator[None]:
        """Do what was done on a day."""
        now = self.session.info["context"]
        self.session.info["context"] = replace(now, today=day)
        try:
            yield
        finally:
            self.session.info["context"] = now

    def _customer(self, segment: str, odds: int, bought_on: date) -> None:
        name = next(self.names)
        with self._on(bought_on):
            customer = self._add(name, segment, bought_on)
            self._sale(customer, bought_on, self.chance.choice(PRODUCTS))
        if self.chance.random() < 0.45:
            again = bought_on + timedelta(days=self.chance.randint(60, 200))
            if again < self.today - timedelta(days=30):
                with self._on(again):
                    self._sale(customer, again, PRODUCTS[1])
        talked_on = bought_on + timedelta(days=self.chance.randint(30, 60))
        if talked_on < self.today - timedelta(days=20) and self.chance.random() < 0.7:
            self._talk(customer, talked_on, "how is the house?")
            self._ask(customer, odds, talked_on + timedelta(days=self.chance.randint(5, 90)))
        demo_voices.hear(self.session, self._on, customer, self.today, self.voices)

    def _add(self, name: str, segment: str, day: date, **values: str) -> Customer:
        email = f"{name.lower().replace(' ', '.')}@{'post' if segment == 'Private' else 'firm'}.example"
        kept = {"name": name, "segment": segment, "email": email, "joined_on": day, **values}
        return customers.add(self.session, kept).customer

    def _sale(self, customer: Customer, day: date, product: tuple[str, int]) -> None:
        days = self.chance.randint(6, 25)
        delivered_on = day + timedelta(days=max(1, days + self.chance.choice((-5, -3, -2, 0, 0, 1, 4))))
        amount = Money(product[1] + 100 * self.chance.randint(-200, 900), "EUR")
        new = purchases.NewPurchase(
            product=product[0],
            amount=amount,
            ordered_on=day,
            promised_on=day + timedelta(days=days),
            delivered_on=delivered_on if delivered_on <= self.today else None,
        )
        purchases.add(self.session, customer.key, new)

    def _talk(self, customer: Customer, day: date, note: str) -> None:
        new = touches.NewTouch(TouchChannel.CALL, two_way=True, on_day=day, note=note)
        touches.record(self.session, customer.key, new)

    def _ask(self, customer: Customer, odds: int, day: date) -> None:
        if day > self.today - timedelta(days=21):
            return
        segment = journal.context_of(self.session).business.segments.of(customer.segment)
        with self._on(day):
            request = Smart(segment.prospects, 2, "card", "", day + timedelta(days=7))
            asked = asks.record(self.session, customer.key, request, anyway="they said how glad they are")
            for made in asked.scheduled.made:
                if made.what.startswith("send"):
                    complete(self.session, made.id)
        answered_on = day + timedelta(days=self.chance.randint(1, 9))
        with self._on(answered_on):
            if self.chance.randrange(100) >= odds:
                self._no(asked.ask.key)
                return
            friend = NewReferral(
                next(self.names), consent=Consent.INTRODUCTION, email=f"friend{self.named}@circle.example"
            )
            self.named += 1
            (moved,) = answers.named(self.session, asked.ask.key, [friend]).referrals
        self._referral(moved.referral.key, answered_on + timedelta(days=self.chance.randint(4, 40)))

    def _no(self, ask: int) -> None:
        if self.chance.random() < 0.6:
            answers.no_one(self.session, ask)
        else:
            reason = self.chance.choice(["privacy", "reputation risk", "does not know what we do"])
            answers.declined(self.session, ask, reason)

    def _referral(self, number: int, day: date) -> None:
        if day > self.today - timedelta(days=3):
            return
        with self._on(day):
            if self.chance.random() < 0.5:
                amount = Money(self.chance.randint(200, 9000) * 100, "EUR")
                won = referrals.win(self.session, number, amount=amount)
                self._same_segment(won)
            else:
                referrals.move(self.session, number, ReferralState.LOST, reason="bought elsewhere")

    def _same_segment(self, won: Moved) -> None:
        if won.customer is not None:
            won.customer.segment = won.referrer.segment
            self.session.add(won.customer)

    def _recent_days(self) -> None:
        """Add the people of the last weeks, for whom something is due today."""
        ago = self._ago
        hanna = self._recent("Hanna Berg", "Private", "Heat pump", 20, 12, -2, company="Berg Print")
        ates = self._recent("Ateş Yılmaz", "Private", "Heat pump", 30, 9, 3, email="ates@post.example")
        marta = self._recent("Marta Oliveira", "Guest house", "Floor heating", 60, 40, 4, company="Casa do Mar")
        self._talk(marta, ago(12), "the rooms are warm at last; her guests asked who did it")
        self._talk(hanna, ago(8), "the hot water takes long in the morning")
        self._talk(ates, ago(25), "wanted to know how loud it is")
        self._recent("Old Mill Hotel", "Guest house", "Boiler service", 201, 194, 0)
        jo = self._recent("Jo Park", "Retail", "Solar panel", 150, 130, 2)
        with self._on(ago(12)):
            friend = NewReferral("Lin Wu", email="lin@circle.example", consent=Consent.CONSENT)
            lin = referrals.receive(self.session, jo.key, friend).referral.key
        with self._on(ago(1)):
            self._same_segment(referrals.win(self.session, lin, amount=Money(310_000, "EUR"), product="Solar panel"))
        with self._on(ago(1)):
            priya = self._add("Priya Nair", "Private", ago(1))
            new = purchases.NewPurchase(product="Boiler service", amount=Money(24_000, "EUR"), ordered_on=ago(1))
            purchases.add(self.session, priya.key, new)
        request = Smart("owners of guest houses", 2, "card", "", self.today + timedelta(days=6))
        asks.record(self.session, marta.key, request)

    def _recent(
        self, name: str, segment: str, product: str, ordered: int, delivered: int, early: int, **values: str
    ) -> Customer:
        with self._on(self._ago(ordered)):
            customer = self._add(name, segment, self._ago(ordered), **values)
            new = purchases.NewPurchase(
                product=product,
                amount=Money(dict(PRODUCTS)[product], "EUR"),
                ordered_on=self._ago(ordered),
                promised_on=self._ago(delivered - early),
                delivered_on=self._ago(delivered),
            )
            purchases.add(self.session, customer.key, new)
        return customer

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def _keep_up(self) -> int:
        """Let the work of past days be done, so that the list shows what a careful owner's shows.

        Return how much was done: what follows from it may be past work, too.
        """
        self.session.flush()
        done = 0
        shown = {"Hanna Berg", "Ateş Yılmaz", "Marta Oliveira", "Jo Park", "Priya Nair"}
        query = (
            select(FollowUp, Customer)
            .join(Customer, Customer.id == FollowUp.customer_id)  # type: ignore[arg-type]
            .where(FollowUp.state == FollowUpState.OPEN, FollowUp.due_on <= self.today)
            .order_by(FollowUp.due_on, FollowUp.id)  # type: ignore[arg-type]
        )
        for item, customer in self.session.exec(query).all():
            if customer.name in shown and item.due_on >= self._ago(5):
                continue
            if customer.name == "Old Mill Hotel" and item.playbook in {KEEP, LOST}:
                continue
            day = min(item.due_on, self.today)
            with self._on(max(day, customer.joined_on or day)):
                if item.state == FollowUpState.OPEN and item.due_on <= self.today:
                    if (item.playbook, item.step) == (LOST, "5"):
                        self._request(customer)
                    complete(self.session, item.key, note="done")
                    done += 1
        return done

    def _request(self, customer: Customer) -> None:
        """Record the request that the last step of lost touch sends."""
        context = journal.context_of(self.session)
        prospects = context.business.segments.of(customer.segment).prospects or "neighbours who renovate"
        request = Smart(prospects, 1, "card", "", context.today + timedelta(days=7))
        asks.record(self.session, customer.key, request, anyway="they are back in touch")

"""Any command is taken back as a whole, and nothing that stands on it is left hanging."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import copy as copy_file
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from conftest import TODAY, Writing, postgres_database, writer
from refertrack.models.all import metadata
from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.models.referrals import Referral
from refertrack.models.sales import Product, Purchase
from refertrack.rules.errors import NotAllowed, NotFound, RefertrackError
from refertrack.rules.words import Consent, ReferralState
from refertrack.store import bulk, engine
from refertrack.store.journal import command_id
from refertrack.store.target import Target
from refertrack.store.undo import StoodUpon, last_command, undo
from refertrack.workflows import consequences, customers, purchases, referrals

COUNTED = {"updated_at", "version"}  # these only ever grow


def rows(target: Target) -> dict[str, list[dict[str, Any]]]:
    """Everything that the tables hold, the journal and the counting of versions apart."""
    with engine.create_engine(target, write=False).connect() as connection:
        return {
            table.name: [
                {name: value for name, value in row.items() if name not in COUNTED}
                for row in connection.execute(table.select().order_by(table.c.id)).mappings()
            ]
            for table in metadata.sorted_tables
            if table.name not in {"command", "change"}
        }


def take_back(write: Writing, number: int | None = None) -> Any:
    with write(command="undo") as session:
        return undo(session, number or last_command(session))


def add(write: Writing, name: str, **values: Any) -> int:
    with write(command="add-customer") as session:
        return customers.add(session, {"name": name, **values}).customer.key


def test_ids_of_what_was_taken_back_are_never_used_again(write: Writing) -> None:
    assert add(write, "Hanna") == 1
    take_back(write)
    assert add(write, "Jo") == 2
    with write() as session:
        assert list(bulk.allocate(session, Customer, 2)) == [3, 4]


def test_undo_undone_and_undone_again_down_the_chain(write: Writing, target: Target) -> None:
    empty = rows(target)
    add(write, "Hanna")
    full = rows(target)
    for number in range(1, 6):  # 2 takes 1 back, 3 takes 2 back, and so on: each can be taken back in turn
        take_back(write, number)
        assert rows(target) == (empty if number % 2 else full), number
    with write() as session:
        with pytest.raises(NotAllowed, match="was taken back already"):
            undo(session, 1)
        assert undo(session, 6).by == 7


def test_redone_and_taken_back_by_its_own_number(write: Writing, target: Target) -> None:
    add(write, "Hanna")
    take_back(write, 1)  # 2
    take_back(write, 2)  # 3: stands again
    take_back(write, 1)  # 4
    with write() as session, pytest.raises(StoodUpon) as refused:
        undo(session, 3)  # what 3 had put back is gone since
    assert refused.value.later == (4,)
    assert rows(target)["customer"] == []


def test_an_undo_of_something_whose_ground_is_gone_is_refused(write: Writing) -> None:
    add(write, "Hanna")
    with write(command="edit-customer") as session:
        customers.get(session, 1).notes = "likes tea"
    take_back(write, 2)  # 3
    take_back(write, 1)  # 4: Hanna is gone
    with write() as session, pytest.raises(StoodUpon) as refused:
        undo(session, 3)
    assert refused.value.later == (4,)
    take_back(write, 4)
    take_back(write, 3)
    with write() as session:
        assert customers.get(session, 1).notes == "likes tea"


def test_a_row_changed_in_bulk_later_holds_an_undo_up(write: Writing) -> None:
    add(write, "Hanna")
    with write(command="import") as session:
        bulk.update(session, Customer, [{"id": 1, "city": "Ghent"}])
    with write() as session, pytest.raises(StoodUpon, match="later ones stand on it") as refused:
        undo(session, 1)
    assert refused.value.later == (2,)
    take_back(write, 2)
    take_back(write, 1)
    with write() as session:
        assert session.exec(select(Customer)).all() == []


def test_rows_that_point_at_what_was_made_hold_an_undo_up(write: Writing) -> None:
    add(write, "Marta")
    add(write, "Rui")
    with write(command="refer") as session:
        referrals.receive(session, 1, referrals.NewReferral("Someone", consent=Consent.CONSENT))
    with write(command="won") as session:  # an update, not an insert, points at customer 2
        referral = session.get(Referral, 1)
        assert referral is not None
        referral.customer_id = 2
    with write() as session, pytest.raises(StoodUpon) as refused:
        undo(session, 2)
    assert refused.value.later == (4,)


def test_an_item_that_grew_by_a_later_event_holds_an_undo_up(write: Writing) -> None:
    add(write, "Marta")
    for _ in range(2):
        with write(command="add-purchase") as session:
            purchases.add(session, 1, purchases.NewPurchase(product="pump", ordered_on=TODAY, delivered_on=TODAY))
    with write() as session:
        (item,) = session.exec(select(FollowUp).where(FollowUp.step == "check")).all()
        with pytest.raises(StoodUpon) as refused:
            undo(session, 2)
    assert refused.value.later == (3,)
    assert item.key
    take_back(write, 3)
    take_back(write, 2)
    with write() as session:
        assert session.exec(select(FollowUp).where(FollowUp.playbook == "delivered")).all() == []


def test_what_took_a_unique_place_since_holds_an_undo_up(write: Writing, target: Target) -> None:
    with write(command="add-product") as session:
        session.add(Product(name="Pump", name_key="pump"))
    with write(command="rename") as session:
        product = session.get(Product, 1)
        assert product is not None
        product.name, product.name_key = "Boiler", "boiler"
    with write(command="add-product") as session:
        session.add(Product(name="Pump", name_key="pump"))
    before = rows(target)
    with pytest.raises(NotAllowed, match="has taken its place"):
        take_back(write, 2)
    assert rows(target) == before


def test_a_version_only_ever_grows(write: Writing) -> None:
    add(write, "Hanna")
    with write() as session:
        customers.get(session, 1).city = "Ghent"
    take_back(write, 2)
    with write() as session:
        hanna = customers.get(session, 1)
        assert (hanna.city, hanna.version) == ("", 3)
        bulk.update(session, Customer, [{"id": 1, "city": "Oslo"}])
        assert hanna.version == 4
        hanna.city = "Ghent"
    with write() as session:
        assert customers.get(session, 1).version == 5


def test_what_a_command_changed_twice_goes_back_to_the_first(write: Writing) -> None:
    add(write, "Hanna", city="Ghent")
    with write() as session:
        for city in ("Oslo", "Rome"):
            customers.get(session, 1).city = city
            session.flush()
    take_back(write, 2)
    with write() as session:
        assert customers.get(session, 1).city == "Ghent"


def test_deleted_rows_come_back_with_their_ids(write: Writing, target: Target) -> None:
    add(write, "Hanna")
    with write() as session:
        customers.add_tags(session, customers.get(session, 1), ["a", "b", "c"])
    before = rows(target)
    with write(command="merge") as session:
        from refertrack.models.customers import CustomerTag

        bulk.delete(session, CustomerTag, [1, 3])
    assert [row["id"] for row in rows(target)["customer_tag"]] == [2]
    take_back(write, 3)
    assert rows(target) == before


def test_a_command_of_an_older_form_is_refused(write: Writing) -> None:
    add(write, "Hanna")
    with write() as session:
        from refertrack.models.journal import Command

        session.connection().execute(bulk.table_of(Command).update().values(revision="0001"))
    with pytest.raises(NotAllowed, match="an older form") as refused:
        take_back(write, 1)
    assert "refertrack restore" in refused.value.hint


def test_nothing_to_take_back(write: Writing) -> None:
    with pytest.raises(NotFound, match="nothing to take back"):
        take_back(write)


# Any sequence of commands, taken back in reverse: all tables are as they were.


@dataclass
class Shop:
    """A shop on which commands are tried; one that a rule refuses changes nothing."""

    write: Writing
    done: list[int] = field(default_factory=list)

    def command(self, name: str, act: Callable[[Session], object]) -> None:
        try:
            with self.write(command=name) as session:
                act(session)
                session.flush()
                if "command_id" in session.info:
                    self.done.append(command_id(session))
        except RefertrackError:
            return


def _purchase(session: Session, who: int, days: int) -> object:
    ordered = TODAY - timedelta(days=days)
    delivered = ordered + timedelta(days=2) if days % 2 else None
    return purchases.add(
        session, who, purchases.NewPurchase(product=f"p{days % 3}", ordered_on=ordered, delivered_on=delivered)
    )


def _deliver(session: Session, who: int, days: int) -> object:
    return purchases.deliver(session, who, on=TODAY - timedelta(days=days % 3))


def _done(session: Session, who: int, days: int) -> object:
    items = session.exec(select(FollowUp.id).where(FollowUp.state == "open")).all()
    return consequences.complete(session, items[(who + days) % len(items)] if items else 99, note="well")


def _refer(session: Session, who: int, days: int) -> object:
    new = referrals.NewReferral(f"Friend {days}", email=f"f{days % 4}@example.org", consent=Consent.CONSENT)
    return referrals.receive(session, who, new)


def _move(session: Session, who: int, days: int) -> object:
    return referrals.move(session, who, ReferralState.LOST, reason="too far")


ACTS: dict[str, Callable[[Session, int, int], object]] = {
    "add-customer": lambda session, who, days: customers.add(session, {"name": f"C{days}", "email": f"c{days}@x.at"}),
    "tag": lambda session, who, days: customers.add_tags(session, customers.get(session, who), [f"t{days % 3}"]),
    "add-purchase": _purchase,
    "deliver": _deliver,
    "done": _done,
    "refer": _refer,
    "won": lambda session, who, days: referrals.win(session, who, product="pump"),
    "lost": _move,
    "bulk": lambda session, who, days: bulk.update(
        session, Purchase, [{"id": row.id, "description": f"d{days}"} for row in session.exec(select(Purchase)).all()]
    ),
}  # fmt: skip


def _try(target: Target, steps: list[tuple[str, int, int]]) -> None:
    write = writer(target)
    add(write, "First")
    before = rows(target)
    shop = Shop(write)
    for name, who, days in steps:
        shop.command(name, lambda session, n=name, w=who, d=days: ACTS[n](session, w, d))  # type: ignore[misc]
    full = rows(target)
    taken = [take_back(write, number).by for number in reversed(shop.done)]
    assert rows(target) == before
    for number in reversed(taken):
        take_back(write, number)
    assert rows(target) == full


STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 4), st.integers(0, 20)), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_commands_taken_back_in_reverse_leave_all_as_it_was(
    sqlite_template: Path, steps: list[tuple[str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        copy_file(sqlite_template, path)
        _try(Target(path=path), steps)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_and_so_on_a_server(server: str, postgres_template: str, steps: list[tuple[str, int, int]]) -> None:
    with postgres_database(server, postgres_template) as target:
        _try(target, steps)

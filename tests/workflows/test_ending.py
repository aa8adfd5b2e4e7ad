"""Items that end by themselves, as the list reads them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from conftest import TODAY, Writing
from refertrack.models.customers import Customer
from refertrack.models.follow_ups import FollowUp
from refertrack.reports.card import card
from refertrack.reports.lists import DueFilter, due
from refertrack.store.engine import session_reader


@pytest.mark.parametrize(
    ("ends_on", "listed"), [(None, 1), (TODAY, 0), (TODAY - timedelta(days=1), 0), (TODAY + timedelta(days=1), 1)]
)
@pytest.mark.parametrize("segment", ["", "Private"])
def test_an_item_is_not_listed_nor_counted_from_the_day_it_ends(
    write: Writing, ends_on: date | None, listed: int, segment: str
) -> None:
    with write() as session:
        customer = Customer(name="Hanna", name_key="hanna", segment="Private")
        session.add(customer)
        session.flush()
        session.add(
            FollowUp(
                customer_id=customer.key, playbook="p", step="s", purpose="contact", channel="email", what="call",
                nominal_due=TODAY, due_on=TODAY, ends_on=ends_on,
            )
        )  # fmt: skip
        reader = session_reader(session)
        found = due(reader, TODAY, DueFilter(segment=segment))
        row = reader.row("SELECT * FROM customer_card") or {}
        on_card = card(reader, row, TODAY).due
    assert (len(found.items), found.today, len(on_card)) == (listed, listed, listed)

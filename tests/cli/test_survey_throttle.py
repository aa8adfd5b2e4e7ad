"""How often a customer is asked how we did: one rule and one number, however the last answer came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from conftest import Program, Writing
from refertrack.models.follow_ups import FollowUp


def surveys_due(shop: Program) -> list[str]:
    rows = shop("due", "--until", "2028-01-01", "--json").json
    return [row["due_on"] for row in rows if row["purpose"] == "survey"]


def suppressed(write: Writing) -> list[tuple[str, str]]:
    with write() as session:
        query = select(FollowUp).where(FollowUp.state == "suppressed").order_by(col(FollowUp.id))
        return [(item.what, item.reason) for item in session.exec(query).all()]


def throttle(shop: Program, tmp_path: Path, days: int) -> None:
    file = tmp_path / "survey.toml"
    file.write_text(f"throttle_days = {days}\n", encoding="utf-8")
    assert shop("questions", "--import", file, "--yes").code == 0


@pytest.fixture
def hanna(shop: Program) -> Program:
    shop("add-customer", "Hanna Berg", "--email", "hanna@berg.example", today="2026-10-01")
    return shop


def delivered(shop: Program, day: str, *, today: str | None = None) -> Any:
    return shop("add-purchase", "hanna", "--product", "Press", "--ordered", day, "--delivered", day, today=today)


def test_an_answer_by_phone_keeps_the_next_invitation_back(hanna: Program, write: Writing) -> None:
    hanna("survey", "hanna", "--service", "5", today="2026-11-20")
    bought = delivered(hanna, "2026-11-23", today="2026-11-24")
    assert "1 not made: opted out, or asked not long ago." in bought.err
    assert surveys_due(hanna) == []
    assert suppressed(write) == [("survey, under 2 minutes", "one survey in 90 days")]
    delivered(hanna, "2027-01-17", today="2027-01-18")  # its survey would come 89 days after the answer
    assert surveys_due(hanna) == []
    delivered(hanna, "2027-01-18", today="2027-01-18")  # and this one's, 90 days after it
    assert surveys_due(hanna) == ["2027-02-25"]  # the 18th belongs to keep in touch


def test_an_answer_from_a_form_keeps_the_next_invitation_back(hanna: Program, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("Timestamp,Email Address,service\n2026-11-20 10:00:00,HANNA@berg.example,5\n", encoding="utf-8")
    assert hanna("import", "surveys", file, "--json", today="2026-11-21").json["added"] == 1
    orders = tmp_path / "orders.csv"
    orders.write_text("order id,email,order date,delivered\n7,hanna@berg.example,2026-11-20,2026-11-23\n")
    assert hanna("import", "purchases", orders, "--json", today="2026-11-24").json["added"] == 1
    assert surveys_due(hanna) == []
    for command in hanna("history", "--json").json[:2]:  # the purchases, and the answers
        assert hanna("undo", command["id"]).code == 0
    delivered(hanna, "2026-11-23", today="2026-11-24")
    assert surveys_due(hanna) == ["2026-12-23"]


def test_an_invitation_that_was_sent_counts_though_nobody_answered(hanna: Program) -> None:
    delivered(hanna, "2026-10-01", today="2026-10-01")
    (item,) = [row["id"] for row in hanna("due", "--until", "2026-12-01", "--json").json if row["purpose"] == "survey"]
    hanna("done", item, today="2026-11-02")
    delivered(hanna, "2026-11-24", today="2026-11-24")
    assert surveys_due(hanna) == []


def test_the_number_is_a_setting(hanna: Program, tmp_path: Path, write: Writing) -> None:
    throttle(hanna, tmp_path, 30)
    hanna("survey", "hanna", "--service", "5", today="2026-11-20")
    refused = hanna("survey", "hanna", "--service", "5", today="2026-12-19")
    assert (refused.code, "has answered the survey on 2026-11-20" in refused.err) == (1, True)
    delivered(hanna, "2026-11-17", today="2026-11-24")
    assert suppressed(write) == [("survey, under 2 minutes", "one survey in 30 days")]  # due on 17 December
    delivered(hanna, "2026-11-20", today="2026-11-24")
    assert surveys_due(hanna) == ["2026-12-21"]  # thirty days later, after the weekend


def test_a_long_time_between_surveys_is_kept(hanna: Program, tmp_path: Path) -> None:
    throttle(hanna, tmp_path, 400)
    hanna("survey", "hanna", "--service", "5", today="2026-10-01")
    delivered(hanna, "2027-07-01", today="2027-07-01")
    assert surveys_due(hanna) == []
    delivered(hanna, "2027-11-01", today="2027-11-01")
    assert surveys_due(hanna) == ["2027-12-01"]


def test_none_at_all_asks_after_every_delivery(hanna: Program, tmp_path: Path) -> None:
    throttle(hanna, tmp_path, 0)
    hanna("survey", "hanna", "--service", "5", today="2026-11-24")
    assert hanna("survey", "hanna", "--service", "4", today="2026-11-24").code == 0
    delivered(hanna, "2026-11-24", today="2026-11-24")
    assert surveys_due(hanna) == ["2026-12-24"]

"""Ten thousand answers go in within seconds; a longer export adds what is new, and no follow-up twice."""

from __future__ import annotations

import csv
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import col, select

from conftest import Program, Writing
from refertrack.models.follow_ups import FollowUp

ANSWERS, MORE, PEOPLE = 10_000, 500, 3_000
HEADER = ("Timestamp", "Email Address", "How was our service?", "How well did we keep you informed?", "Comments")
SECONDS = 20  # of this process's time: it takes a tenth of that, and an hour if each answer looked at all others


def form(path: Path, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def answers() -> list[tuple[object, ...]]:
    """Answers of the last four weeks, some customers' several times."""
    chance = random.Random(4)
    begin = datetime(2026, 10, 28, 8, tzinfo=UTC)
    return [
        (
            (begin + timedelta(minutes=3.7 * number)).strftime("%m/%d/%Y %H:%M:%S"),
            f"c{chance.randrange(PEOPLE)}@example.org",
            chance.choice((1, 2, 3, 4, 5, 5, 5, 5)),
            chance.choice((3, 4, 5, 5, 5)),
            "nobody [called] back" if chance.random() < 0.1 else "",
        )
        for number in range(ANSWERS + MORE)
    ]


def made(write: Writing) -> dict[int, tuple[int, str, str]]:
    """What answers have brought about, whatever has become of it: the item's customer, what to do, and why."""
    with write() as session:
        query = select(FollowUp).where(col(FollowUp.playbook).in_(("survey_answered", "complaint")))
        return {item.key: (item.customer_id, item.what, item.because) for item in session.exec(query).all()}


def kinds(items: dict[int, tuple[int, str, str]]) -> Counter[str]:
    return Counter(what for _, what, _ in items.values())


def assert_thanked_once_a_fortnight(items: dict[int, tuple[int, str, str]], rows: list[tuple[object, ...]]) -> None:
    """Everybody who answered is thanked; in four weeks twice at most, beside being asked for a referral once."""
    thanked = {who for who, what, _ in items.values() if what.startswith("thank")}
    assert len(thanked) == len({row[1] for row in rows})
    assert max(Counter(who for who, what, _ in items.values() if what == "thank for the answers").values()) == 2


def test_ten_thousand_answers_and_then_five_hundred_more(shop: Program, write: Writing, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Name,Email\n" + "".join(f"Person {n},c{n}@example.org\n" for n in range(PEOPLE)))
    assert shop("import", "customers", people, "--json").json["added"] == PEOPLE
    rows = answers()
    begun = time.process_time()
    first = shop("import", "surveys", form(tmp_path / "a.csv", rows[:ANSWERS]), "--json").json
    assert time.process_time() - begun < SECONDS
    assert (first["added"], first["rejected"]) == (ANSWERS, 0)
    before = made(write)
    counts = kinds(before)
    assert_thanked_once_a_fortnight(before, rows[:ANSWERS])
    asked = Counter(who for who, what, _ in before.values() if what == "thank, and ask for a referral")
    assert set(asked.values()) == {1}  # however often they were happy
    complaints = shop("feedback", "--json").json
    assert counts["recovery call"] == len({row["customer_id"] for row in complaints}) == len(complaints) > 500

    longer = form(tmp_path / "b.csv", list(reversed(rows)))
    begun = time.process_time()
    second = shop("import", "surveys", longer, "--json").json
    assert time.process_time() - begun < SECONDS
    assert (second["added"], second["unchanged"], second["updated"]) == (MORE, ANSWERS, 0)
    after = made(write)
    assert {number: after.get(number) for number in before} == before
    counts = kinds(after)
    assert_thanked_once_a_fortnight(after, rows)
    assert counts["recovery call"] == len(shop("feedback", "--json").json)
    assert shop("import", "surveys", longer, "--json").json["follow_ups"] == 0
    assert made(write) == after
    assert shop("check").code == 0

"""From a bad answer to an improvement that moved its figure, through the command line alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import Program


def answers(shop: Program, scores: list[int], today: str) -> None:
    for number, score in enumerate(scores, 1):
        told = shop("survey", str(number), "--communication", score, "--service", "4", "--again", today=today)
        assert told.code == 0, told.err


def one(rows: list[Any], **wanted: object) -> Any:
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


def test_a_complaint_becomes_an_improvement_that_moves_its_figure(shop: Program, tmp_path: Path) -> None:
    for number in range(1, 13):
        shop("add-customer", f"Customer {number:02}", "--email", f"c{number}@example.org", "--segment", "Retail",
             today="2026-07-01")  # fmt: skip
    answers(shop, [1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5], "2026-09-01")
    assert len(shop("feedback", "--kind", "complaint", "--json").json) == 2

    # The staff meeting sees what went wrong, and decides.
    page = shop("agenda", "--since", "2026-08-15", "--json", today="2026-09-04").json
    assert [(row["process"], row["complaints"]) for row in page["processes"]] == [("communication", "2")]
    assert [row["state"] for row in page["overdue"]] == ["not answered", "not answered"]
    begun = shop("add-action", "call the day before", "--feedback", "1", "--measure", "satisfied:communication",
                 "--segment", "Retail", "--owner", "Ida", "--due", "2026-11-10",
                 "--incentive", "a free [Friday]")  # fmt: skip
    assert "Satisfied communication over the last 90 days: 3 of 12 (25 %)." in begun.err
    for number in (1, 2):
        shop("acknowledge", number)
        shop("resolve", number, "--note", "called, and said when we come", today="2026-09-07")
        shop("confirm", number, today="2026-09-14")

    answers(shop, [4, 5, 5, 4, 5, 5, 5, 4, 3, 5, 5, 5], "2026-11-02")
    due = one(shop("agenda", "--json", today="2026-11-12").json["actions"], id="1")
    assert (due["owner"], due["when"]) == ("Ida", "overdue since 2026-11-10")
    finished = shop("finish-action", "1")
    assert "Satisfied communication from 3 of 12 (25 %) to 11 of 12 (92 %): +67 points, 95 % interval" in finished.err
    assert "it moved up. The team gets: a free [Friday]." in finished.err
    action = one(shop("actions", "--all", "--json").json, id=1)
    assert (action["moved"], action["difference_low"] > 0) == (True, True)

    # The figures are those of the report.
    for since, until, count in (("2026-06-29", "2026-09-04", 3), ("2026-09-05", "2026-11-12", 11)):
        rows = shop("report", "surveys", "--by", "segment", "--since", since, "--until", until, "--json").json
        assert (one(rows, question="communication")["count"], one(rows, question="communication")["of"]) == (count, 12)

    # Whose words it was hears of it; the page goes to the meeting.
    told = one(shop("due", "--json").json, what="you said, we did")
    assert told["customer"] == "Customer 01"
    assert "This is what we have changed: call the day before." in shop("draft", told["id"]).out
    assert "| 1 | call the day before (Retail) | Ida | done 2026-11-12 |" in shop("agenda", "--markdown").out
    assert shop("agenda", "--html", tmp_path / "agenda.html").code == 0
    assert "done 2026-11-12" in (tmp_path / "agenda.html").read_text(encoding="utf-8")
    assert shop("undo", one(shop("history", "--json").json, command="finish-action")["id"]).code == 0
    assert [row["moved"] for row in shop("actions", "--json").json] == [None]

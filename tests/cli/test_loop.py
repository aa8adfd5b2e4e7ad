"""The daily loop from the command line: log, snooze, skip, spread, opt-out, corrections and returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

TODAY = "2026-11-24"


def live(shop: Program, who: object = 1) -> list[tuple[str, str]]:
    return [(item["what"], item["due_on"]) for item in shop("customer", who, "--json").json["due"]]


@pytest.fixture
def hanna(shop: Program) -> Program:
    shop("add-customer", "Hanna [red]Berg", "--email", "hanna@berg.example", today="2026-10-01")
    shop("customers", today=TODAY)
    return shop


@pytest.mark.parametrize(
    ("words", "kept", "two_way", "channel"),
    [
        (["--call", "all well"], "2027-02-22", True, "call"),
        (["--email"], "2027-02-22", True, "email"),
        (["--meeting", "--selling"], "2027-02-22", True, "meeting"),
        (["--call", "--attempt"], "2026-12-30", False, "call"),
        (["--note", "moves in spring"], "2026-12-30", False, "note"),
        (["saw their new sign"], "2026-12-30", False, "note"),
        (["--call", "--on", "2026-11-02"], "2027-02-01", True, "call"),  # 31 January is a Sunday
        (["--call", "--on", "2026-09-01", "--in"], "2026-12-30", True, "call"),  # nothing moves back
    ],
)
def test_a_contact_puts_keep_in_touch_off_and_an_attempt_does_not(
    hanna: Program, words: list[str], kept: str, two_way: bool, channel: str
) -> None:
    logged = hanna("log", "hanna", *words, "--json")
    assert (logged.json["two_way"], logged.json["channel"]) == (two_way, channel)
    assert dict(live(hanna))["keep in touch"] == kept
    hanna("undo")
    assert dict(live(hanna))["keep in touch"] == "2026-12-30"


def test_a_meeting_calls_for_a_note_on_the_next_day(hanna: Program) -> None:
    hanna("log", "hanna", "talked about the roof", "--meeting")
    assert ("thank-you note", "2026-11-25") in live(hanna)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (("log", "hanna"), 2, "is missing"),
        (("log", "hanna", "--call", "--email"), 2, "It cannot be call and email at once."),
        (("log", "hanna", "--call", "--on", "2027-01-01"), 2, "has not come yet"),
        (("log", "nobody", "--call"), 3, 'No customer is called "nobody"'),
        (("snooze", 1, "2026-11-24"), 2, "is not after today"),
        (("snooze", 1, "31.2."), 2, "is no date"),
        (("snooze", 1, "2026-12-30"), 2, "as it is"),
        (("snooze", 99, "tomorrow"), 3, "There is no item 99."),
        (("skip", 1), 2, "Reason is missing."),
        (("skip", 1, "--reason", " "), 2, "Reason is missing."),
        (("done", 1, "--attempt", "--not-ok", "x"), 2, "said nothing"),
        (("done", 1, "--not-ok", ""), 2, "What was not right"),
        (("opt-out", "hanna", "--lift"), 3, "has no such opt-out"),
        (("opt-out", "hanna", "--channel", "pigeon"), 2, "pigeon"),
        (("return-purchase", "hanna"), 3, "has bought nothing that could come back"),
        (("add-opportunity", "hanna"), 2, "Issue"),
        (("add-opportunity", "hanna", "--issue", "x", "--importance", "6"), 2, "is not on the scale"),
        (("close-opportunity", 1), 2, "won or lost"),
        (("close-opportunity", 1, "--won"), 3, "There is no opportunity 1."),
        (("spread", "--per-day", "0"), 2, ""),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(
    hanna: Program, line: tuple[object, ...], code: int, words: str
) -> None:
    before = live(hanna)
    result = hanna(*line)
    assert (result.code, words in result.err, live(hanna)) == (code, True, before), result.err


def test_snoozed_is_moved_by_nothing_but_a_person_or_a_contact(hanna: Program) -> None:
    moved = hanna("snooze", 1, "2027-01-15")
    assert "Moved: 1, Hanna [red]Berg, keep in touch: 2026-12-30 → 2027-01-15." in moved.err
    hanna("edit-customer", "hanna", "--keep-in-touch", "30")
    assert dict(live(hanna))["keep in touch"] == "2027-01-15"
    item = hanna("due", "--until", "2027-02-01", "--json").json[0]
    assert (item["moved"], item["waits"]) == (True, "moved: was for 2026-12-30")
    hanna("log", "hanna", "--call")
    assert dict(live(hanna))["keep in touch"] == "2026-12-24"


def test_another_interval_moves_what_nobody_moved(hanna: Program) -> None:
    hanna("edit-customer", "hanna", "--keep-in-touch", "60")
    assert live(hanna)[0] == ("keep in touch", "2026-11-30")
    hanna("undo")
    assert live(hanna)[0] == ("keep in touch", "2026-12-30")


def test_what_is_skipped_comes_again_after_another_interval(hanna: Program) -> None:
    skipped = hanna("skip", 1, "--reason", "on leave")
    assert skipped.err.startswith("Skipped: 1, Hanna [red]Berg, keep in touch. Next: keep in touch on Mon 2027-02-22")
    assert live(hanna) == [("keep in touch", "2027-02-22"), ("lost touch, step 1", "2027-03-30")]
    hanna("skip", 2, "--reason", "leave them alone")
    assert ("lost touch, step 1", "2027-05-24") in live(hanna)


def test_an_opt_out_closes_what_it_stops_and_lifting_brings_nothing_back(hanna: Program) -> None:
    hanna("add-purchase", "hanna", "--product", "pump", "--delivered", "2026-11-23")
    out = hanna("opt-out", "hanna", "--purpose", "survey")
    assert out.err.startswith("Opted out: Hanna [red]Berg, of every survey message. 1 open item closed.")
    assert "survey, under 2 minutes" not in dict(live(hanna))
    assert hanna("opt-out", "hanna", "--purpose", "survey").code == 1
    everything = hanna("opt-out", "hanna", "--json").json
    assert (len(everything["opt_outs"]), live(hanna)) == (2, [])
    hanna("opt-out", "hanna", "--lift")
    assert live(hanna) == []
    for number in (5, 4, 3):
        assert hanna("undo", number).code == 0
    assert len(live(hanna)) == 5


def test_a_corrected_delivery_moves_what_nobody_moved(hanna: Program) -> None:
    hanna("add-purchase", "hanna", "--product", "pump", "--ordered", "2026-11-02", "--promised", "2026-11-27")
    assert ("delivered?", "2026-11-27") in live(hanna)
    hanna("deliver", "hanna", "--on", "2026-11-20")
    assert "delivered?" not in dict(live(hanna))
    check = next(item for item in hanna("due", "--until", "2026-12-31", "--json").json if item["step"] == "check")
    hanna("snooze", check["id"], "2026-12-10")
    fixed = hanna("deliver", "hanna", "--purchase", 1, "--on", "2026-11-23")
    assert "Corrected: purchase 1, pump for Hanna [red]Berg, delivered 2026-11-20 → 2026-11-23." in fixed.err
    assert (dict(live(hanna))["arrived and works?"], dict(live(hanna))["survey, under 2 minutes"]) == (
        "2026-12-10", "2026-12-23",
    )  # fmt: skip
    assert hanna("deliver", "hanna", "--purchase", 1, "--on", "2026-11-23").code == 1


def test_the_question_whether_it_was_delivered_answers_itself(hanna: Program) -> None:
    hanna("add-purchase", "hanna", "--product", "pump", "--ordered", "2026-11-02", "--promised", "2026-11-20")
    item = next(row for row in hanna("due", "--json").json if row["what"] == "delivered?")
    assert item["because"] == "pump promised for 20 Nov 2026"
    assert hanna("done", item["id"], "--on", "2026-11-19").code == 0
    (bought,) = hanna("customer", 1, "--json").json["purchases"]
    assert (bought["status"], bought["delivered_on"]) == ("delivered", "2026-11-19")
    assert "arrived and works?" in dict(live(hanna))


def test_what_comes_back_closes_what_was_to_follow(hanna: Program) -> None:
    hanna("add-purchase", "hanna", "--product", "pump", "--delivered", "2026-11-20")
    hanna("add-purchase", "hanna", "--product", "filter", "--delivered", "2026-11-23")
    several = hanna("return-purchase", "hanna")
    assert (several.code, "has 2 purchases" in several.err) == (3, True)
    back = hanna("return-purchase", "hanna", "--purchase", 1, "--reason", "too loud", "--json").json
    assert (back["status"], back["ended_on"], back["closed"]) == ("returned", TODAY, [])
    check = next(row for row in hanna("customer", 1, "--json").json["due"] if row["what"] == "arrived and works?")
    assert "filter" in check["because"]
    assert "pump" not in check["because"]
    assert len(hanna("return-purchase", "hanna", "--json").json["closed"]) == 3
    assert hanna("undo").code == 0
    assert "arrived and works?" in dict(live(hanna))


def test_a_bad_answer_opens_a_complaint_and_holds_the_survey(hanna: Program) -> None:
    hanna("add-purchase", "hanna", "--product", "pump", "--delivered", "2026-11-16")
    check = next(row for row in hanna("due", "--json").json if row["step"] == "check")
    said = hanna("done", check["id"], "--not-ok", "it leaks")
    assert "A complaint is open: recovery call" in said.err
    states = {row["what"]: row["state"] for row in hanna("customer", 1, "--json").json["due"]}
    assert (states["survey, under 2 minutes"], states["keep in touch"]) == ("held", "held")
    assert hanna("undo").code == 0
    assert hanna("feedback", "--json").json == []


def test_a_wall_of_items_is_spread(shop: Program, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    rows = [f"o{number},c{number},2026-11-2{number % 3},pump" for number in range(12)]
    file.write_text("external_id,customer,ordered_on,product\n" + "\n".join(rows))
    assert shop("import", "purchases", file, "--add-customers", "--source", "shop").code == 0
    tried = shop("spread", "--per-day", "5", "--dry-run", "--json").json
    assert (tried["listed"], tried["moved"], [day["items"] for day in tried["days"]]) == (12, 7, [5, 5, 2])
    assert len(shop("due", "--json").json) == 12
    shop("spread", "--per-day", "5")
    assert [len(shop("due", "--json", "--until", day).json) for day in ("2026-11-24", "2026-11-25", "2026-11-26")] == [
        5, 10, 12,
    ]  # fmt: skip
    assert "Nothing needs to move." in shop("spread", "--per-day", "5").err
    shop("undo")
    assert len(shop("due", "--json").json) == 12


def test_an_import_corrects_days_and_takes_nothing_back_that_was_recorded_by_hand(
    hanna: Program, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"

    def bring(*rows: str) -> None:
        head = "external_id,customer,ordered_on,promised_on,delivered_on,status,product\n"
        file.write_text(head + "\n".join(rows))
        assert hanna("import", "purchases", file, "--source", "shop").code == 0

    bring("o1,hanna@berg.example,2026-11-10,2026-11-20,,,pump")
    assert ("delivered?", "2026-11-20") in live(hanna)
    bring("o1,hanna@berg.example,2026-11-10,2026-12-04,,,pump")
    assert ("delivered?", "2026-12-04") in live(hanna)
    hanna("deliver", "hanna", "--on", "2026-11-23")
    bring("o1,hanna@berg.example,2026-11-10,2026-12-04,,,pump")
    assert hanna("customer", 1, "--json").json["purchases"][0]["delivered_on"] == "2026-11-23"
    bring("o1,hanna@berg.example,2026-11-10,2026-12-04,2026-11-20,,pump")
    assert ("arrived and works?", "2026-11-27") in live(hanna)
    bring("o1,hanna@berg.example,2026-11-10,2026-12-04,2026-11-20,returned,pump")
    assert [what for what, _ in live(hanna)] == ["keep in touch", "lost touch, step 1"]


def test_opportunities_are_listed_by_importance_and_closed(hanna: Program) -> None:
    hanna("add-opportunity", "hanna", "--issue", "drafty", "--importance", "1")
    hanna(
        "add-opportunity", "hanna", "--issue", "cold", "--impact", "guests leave", "--importance", "5", "--value", "900"
    )
    rows = hanna("opportunities", "--json").json
    assert [(row["issue"], row["value"], row["state"]) for row in rows] == [
        ("cold", "900.00", "open"), ("drafty", None, "open"),
    ]  # fmt: skip
    assert hanna("close-opportunity", 2, "--won", "--json").json["closed_on"] == TODAY
    assert hanna("close-opportunity", 2, "--lost").code == 1
    assert [row["id"] for row in hanna("opportunities", "--customer", "hanna", "--json").json] == [1]
    assert len(hanna("opportunities", "--all", "--json").json) == 2
    hanna("undo")
    assert len(hanna("opportunities", "--json").json) == 2

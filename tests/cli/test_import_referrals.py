"""Referrals, asks and spending from files, through the command line, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program

CUSTOMERS = """id,name,email,joined
K1,Marta Oliveira,marta@casa.example,2020-01-01
K2,Jo Park,jo@park.example,2020-01-01
K3,Old Friend,old@x.example,2021-01-01
K4,Rui Costa,rui@x.example,2026-11-20
"""
HEADER = "Referral ID,Referred by,Name,Email,Date,Status,Closed on,Reason,Became\n"


def put(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def known(shop: Program, tmp_path: Path) -> Program:
    shop("import", "customers", put(tmp_path, CUSTOMERS, "customers.csv"))
    return shop


def take(shop: Program, folder: Path, rows: str, *options: str) -> dict[str, object]:
    found: dict[str, object] = shop("import", "referrals", put(folder, HEADER + rows), "--json", *options).json
    return found


def referrals_of(shop: Program, customer: int) -> list[tuple[str, str, int | None]]:
    card = shop("customer", customer, "--json").json
    return [
        (each["name"], each["state"], each["customer_id"]) for each in sorted(card["referrals"], key=lambda e: e["id"])
    ]


def test_referrals_come_in_as_far_as_they_have_come(known: Program, tmp_path: Path) -> None:
    result = take(
        known,
        tmp_path,
        "R1,K1,Rui Costa,rui@x.example,2026-11-10,won,2026-11-20,,\n"
        "R2,marta@casa.example,Lin Wu,lin@x.example,2024-03-01,lost,2024-04-01,too dear,\n"
        "R3,K2,Anna Ek,anna@x.example,2026-11-20,,,,\n"
        "R4,K2,Bo Dahl,,2026-11-01,closed won,2026-11-22,,\n",
    )
    assert (result["added"], result["new_customers"], result["rejected"]) == (4, 1, 0)
    assert referrals_of(known, 1) == [("Lin Wu", "lost", None), ("Rui Costa", "won", 4)]
    assert referrals_of(known, 2) == [("Bo Dahl", "won", 5), ("Anna Ek", "received", None)]
    bo = known("customer", 5, "--json").json
    assert (bo["name"], bo["source"], bo["joined_on"], bo["referred_by"]) == (
        "Bo Dahl",
        "referral",
        "2026-11-22",
        "Jo Park",
    )
    due = known("due", "--json").json
    assert sorted((item["customer"], item["what"]) for item in due if item["playbook"].startswith("referral")) == [
        ("Jo Park", "ask for an introduction"),
        ("Jo Park", "tell how it went"),
        ("Jo Park", "thank for the referral"),
        ("Marta Oliveira", "tell how it went"),
    ]
    assert known("rewards", "--json").json == []
    assert known("check").code == 0


def test_the_same_file_twice_changes_nothing_and_a_later_one_moves_them_on(known: Program, tmp_path: Path) -> None:
    rows = "R1,K1,Lin Wu,lin@x.example,2026-11-10,contacted,,,\nR2,K1,Anna Ek,,2026-11-10,new,,,\n"
    take(known, tmp_path, rows)
    again = take(known, tmp_path, rows)
    assert (again["added"], again["unchanged"], again["updated"]) == (0, 2, 0)
    later = take(known, tmp_path, "R1,K1,Lin Wu,,2026-11-10,won,2026-11-23,,\nR2,K1,Anna Ek,,2026-11-10,new,,,\n")
    assert (later["updated"], later["unchanged"]) == (1, 1)
    assert referrals_of(known, 1) == [("Lin Wu", "won", 5), ("Anna Ek", "received", None)]
    back = take(known, tmp_path, "R1,K1,Lin Wu,,2026-11-10,lost,2026-11-24,why not,\n")
    assert "cannot become lost" in str(back["rejects"])
    assert known("undo").code == 0
    assert referrals_of(known, 1)[0][1] == "won"


def test_who_is_credited(known: Program, tmp_path: Path) -> None:
    result = take(
        known,
        tmp_path,
        "R1,K2,Lin Wu,lin@x.example,2026-11-12,won,2026-11-20,,\n"
        "R2,K1,Lin Wu,lin@x.example,2026-11-10,new,,,\n"
        "R3,K1,Old Friend,old@x.example,2026-11-10,new,,,\n"
        "R4,K2,Old Friend,,2026-11-10,won,2026-11-12,,K3\n",
    )
    assert result["added"] == 4
    assert [(row["line"], row["reason"]) for row in result["doubts"]] == [  # type: ignore[attr-defined]
        (2, "kept as disqualified: already referred."),
        (4, "kept as disqualified: existing customer."),
        (5, "kept as disqualified: existing customer."),
    ]
    assert referrals_of(known, 1) == [("Lin Wu", "received", None), ("Old Friend", "disqualified", None)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("R1,K9,Lin,,2026-11-10,new,,,", 'referrer: nobody is known as "K9"'),
        ("R1,,Lin,,2026-11-10,new,,,", "referrer: it is blank"),
        ("R1,K1,,,2026-11-10,new,,,", "name: it is blank"),
        ("R1,K1,Marta,marta@casa.example,2026-11-10,new,,,", "nobody can refer themselves"),
        ("R1,K1,Marta,,2026-11-10,won,,,K1", "nobody can refer themselves"),
        ("R1,K1,Lin,,2026-02-30,new,,,", 'received_on: "2026-02-30" is no date'),
        ("R1,K1,Lin,,2026-11-10,wibble,,,", 'state: "wibble" is none of received'),
        ("R1,K1,Lin,,2026-11-10,lost,2026-11-09,,", "before the referral was received"),
        ("R1,K1,Lin,,2026-11-10,lost,2026-11-25,,", "has not come yet"),
        ("R1,K1,Lin,,2026-11-10,won,,,K8", 'became: nobody is known as "K8"'),
        ("R1,K1,Lin,no-address,2026-11-10,new,,,", "e-mail"),
        (f"R1,K1,{'x' * 201},,2026-11-10,new,,,", "201 characters"),
    ],
)
def test_a_bad_row_is_rejected_and_leaves_nothing_behind(known: Program, tmp_path: Path, row: str, reason: str) -> None:
    before = len(known("customers", "--json").json)
    result = take(known, tmp_path, f"{row}\nR2,K2,Good One,good@x.example,2026-11-10,won,2026-11-11,,\n")
    assert (result["added"], result["new_customers"]) == (1, 1)
    (bad,) = result["rejects"]  # type: ignore[misc]
    assert (bad["line"], reason in bad["reason"]) == (2, True), bad  # type: ignore[index]
    assert len(known("customers", "--json").json) == before + 1
    assert known("check").code == 0


def test_circles_are_refused_within_a_file_and_across_files(known: Program, tmp_path: Path) -> None:
    result = take(
        known,
        tmp_path,
        "R1,K4,Jo Park,,2019-01-01,won,2019-02-01,,K2\nR2,K2,Marta,,2019-01-02,won,2019-02-01,,K1\n"
        "R3,K1,Rui Costa,,2019-01-03,won,2019-02-01,,K4\n",
    )
    assert (result["added"], [row["line"] for row in result["rejects"]]) == (2, [4])  # type: ignore[attr-defined]
    assert "close a circle" in str(result["rejects"])
    again = take(known, tmp_path, "R9,K1,Rui Costa,,2019-01-03,won,2019-02-01,,K4\n")
    assert (again["added"], "close a circle" in str(again["rejects"])) == (0, True)


def test_an_import_of_referrals_is_taken_back_whole_and_tried_before(known: Program, tmp_path: Path) -> None:
    rows = "R1,K1,Lin Wu,lin@x.example,2026-11-10,won,2026-11-20,,\n"
    assert take(known, tmp_path, rows, "--dry-run")["added"] == 1
    assert referrals_of(known, 1) == []
    take(known, tmp_path, rows)
    assert known("undo").code == 0
    assert referrals_of(known, 1) == []
    assert len(known("customers", "--json").json) == 4


def test_a_forgotten_person_does_not_come_back_by_a_file(known: Program, tmp_path: Path) -> None:
    assert known("forget-customer", "old", "--confirm", "Old Friend", "--yes").code == 0
    result = take(
        known,
        tmp_path,
        "R1,K1,Old Friend,OLD@x.example,2026-11-10,received,,,\nR2,K2,Old Friend,old@x.example,2026-11-10,won,,,\n",
    )
    assert (result["added"], [row["line"] for row in result["rejects"]]) == (0, [2, 3])  # type: ignore[attr-defined]
    assert "it is of somebody who asked to be forgotten" in str(result["rejects"])
    assert known("referrals", "--json").json == []
    number = known("refer", "marta", "Somebody", "--json").json["id"]
    refused = known("edit-referral", number, "--email", "old@x.example")
    assert (refused.code, "asked to be forgotten" in refused.err) == (1, True)
    assert known("referrals", "--json").json[0]["email"] == ""


@pytest.mark.parametrize(("lost", "state"), [("2025-11-10", "disqualified"), ("2025-11-09", "received")])
def test_a_claim_that_was_lost_holds_for_a_year(known: Program, tmp_path: Path, lost: str, state: str) -> None:
    take(known, tmp_path, f"R1,K1,Lin Wu,lin@x.example,{lost},lost,2026-01-10,,\n")
    take(known, tmp_path, "R2,K2,Lin Wu,lin@x.example,2026-11-10,received,,,\n")
    assert referrals_of(known, 2) == [("Lin Wu", state, None)]


ASKS = """Ask ID,Customer,Asked on,Status,Reason,Looking for,Deadline
A1,K1,2024-05-01,declined,privacy,,
A2,jo@park.example,2024-06-01,,our cat does not like it,owners,
A3,K1,2026-11-20,sent,,owners of guest houses,2026-12-04
A4,K2,2024-07-01,no one in mind,,,
"""


def test_asks_come_in_with_what_was_answered(known: Program, tmp_path: Path) -> None:
    path = put(tmp_path, ASKS, "asks.csv")
    result = known("import", "asks", path, "--json").json
    assert (result["added"], result["rejected"]) == (4, 0)
    found = known("asks", "--json").json if "asks" in known("--help").out else []
    cards = [known("customer", number, "--json").json["asks"] for number in (1, 2)]
    states = sorted((ask["asked_on"], ask["state"], ask["specific"]) for card in cards for ask in card)
    assert states == [
        ("2024-05-01", "declined", ""),
        ("2024-06-01", "declined", "owners"),
        ("2024-07-01", "no_one", ""),
        ("2026-11-20", "sent", "owners of guest houses"),
    ]
    assert found is not None
    due = known("due", "--until", "2026-12-31", "--json").json
    assert [item["due_on"] for item in due if item["playbook"] == "ask_due"] == ["2026-12-04"]
    again = known("import", "asks", path, "--json").json
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 4)
    answered = known("import", "asks", put(tmp_path, ASKS.replace("sent,,", "agreed,,"), "later.csv"), "--json").json
    assert (answered["updated"], answered["unchanged"]) == (1, 3)
    due = known("due", "--until", "2026-12-31", "--json").json
    assert [item for item in due if item["playbook"] == "ask_due"] == []  # it needs no reminder any more
    older = known("import", "asks", path, "--json").json  # an older file takes no answer back
    assert (older["updated"], older["unchanged"]) == (0, 4)
    assert known("check").code == 0
    assert known("undo").code == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A1,K9,2026-11-01,sent,,x,", 'nobody is known as "K9"'),
        ("A1,,2026-11-01,sent,,x,", "customer: it is blank"),
        ("A1,K1,,sent,,x,", "asked_on: it is blank"),
        ("A1,K1,2027-01-01,sent,,x,", "has not come yet"),
        ("A1,K1,2026-11-01,perhaps,,x,", 'state: "perhaps" is none of draft'),
        ("A1,K1,2026-13-01,sent,,x,", "is no date"),
        ("A1,K1,2026-11-01,sent,,x,2026-10-31", "time_specific: 2026-10-31 is before the ask"),
        ("A1,K1,0001-01-01,sent,,x,", "asked_on"),
    ],
)
def test_a_bad_ask_is_rejected(known: Program, tmp_path: Path, row: str, reason: str) -> None:
    text = f"{ASKS.splitlines()[0]}\n{row}\nA9,K1,2026-11-01,sent,,x,\n"
    result = known("import", "asks", put(tmp_path, text), "--json").json
    assert (result["added"], [bad["line"] for bad in result["rejects"]]) == (1, [2])
    assert reason in result["rejects"][0]["reason"]


def test_a_draft_from_a_file_is_to_be_sent_until_its_day(known: Program, tmp_path: Path) -> None:
    text = "id,customer,asked on,state,deadline\nA1,K1,2026-11-20,draft,2026-11-30\nA2,K2,2026-11-20,draft,2026-11-23\n"
    known("import", "asks", put(tmp_path, text))
    (item,) = [row for row in known("due", "--json").json if row["playbook"] == "ask"]
    assert (item["customer"], item["what"]) == ("Marta Oliveira", "send the SMART request")
    assert known("done", item["id"]).code == 0
    states = {row["customer"]: (row["state"], row["sent_on"]) for row in known("asks", "--json").json}
    assert states == {"Marta Oliveira": ("sent", "2026-11-24"), "Jo Park": ("cancelled", None)}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("measurable", "0", "is no whole number from 1 on"),
        ("measurable", "50", "50 is more than 3"),
        ("attainable", "billboard", '"billboard" is no form of asking'),
        ("channel", "pigeon", "channel"),
    ],
)
def test_a_letter_of_the_request_that_is_wrong_is_rejected(
    known: Program, tmp_path: Path, field: str, value: str, reason: str
) -> None:
    text = f"id,customer,asked on,{field}\nA1,K1,2026-11-01,{value}\nA2,K1,2026-11-01,\n"
    result = known("import", "asks", put(tmp_path, text), "--json").json
    assert (result["added"], [bad["line"] for bad in result["rejects"]]) == (1, [2])
    assert reason in result["rejects"][0]["reason"]


def test_where_the_rejected_rows_cannot_go_nothing_is_imported(known: Program, tmp_path: Path) -> None:
    taken = put(tmp_path, "mine", "taken.csv")
    text = "id,customer,asked on\nA1,K1,2026-11-01\nA2,K1,never\n"
    refused = known("import", "asks", put(tmp_path, text), "--rejects", taken)
    assert (refused.code, refused.err.splitlines()) == (
        1, [f"{taken} is there already.", "Give another name to --rejects. Nothing was imported."],
    )  # fmt: skip
    assert (known("asks", "--json").json, taken.read_text()) == ([], "mine")


def test_a_referral_from_a_file_belongs_to_its_ask(known: Program, tmp_path: Path) -> None:
    known("import", "asks", put(tmp_path, ASKS, "asks.csv"))
    text = "id,referrer,name,date,state,ask\nR1,K1,Lin Wu,2026-11-21,new,A3\nR2,K1,Bo,2026-11-21,new,A2\n"
    result = known("import", "referrals", put(tmp_path, text), "--json").json
    assert (result["added"], "the referrer has no ask" in str(result["rejects"])) == (1, True)
    (ask,) = [row for row in known("asks", "--json").json if row["specific"] == "owners of guest houses"]
    assert (ask["state"], ask["answered_on"], ask["referrals"]) == ("named", "2026-11-21", 1)
    due = known("due", "--until", "2026-12-31", "--json").json
    assert [item for item in due if item["playbook"] == "ask_due"] == []
    assert known("import", "asks", put(tmp_path, ASKS, "asks.csv"), "--json").json["unchanged"] == 4
    assert known("undo", known("history", "--json").json[1]["id"]).code == 0
    (ask,) = [row for row in known("asks", "--json").json if row["specific"] == "owners of guest houses"]
    due = known("due", "--until", "2026-12-31", "--json").json
    assert (ask["state"], [item["due_on"] for item in due if item["playbook"] == "ask_due"]) == ("sent", ["2026-12-04"])
    assert known("check").code == 0


def test_spending_is_typed_added_up_corrected_and_listed(shop: Program) -> None:
    assert shop("add-spend", "2026-11", "local paper", "300").err.startswith(
        "Spent: 300.00 EUR (local paper, 2026-11, winning)."
    )
    assert "350.00 EUR in all" in shop("add-spend", "this month", "Local Paper", "50").err
    assert "in place of 350.00 EUR" in shop("add-spend", "november", "local paper", "310", "--instead").err
    shop("add-spend", "last month", "newsletter", "1.200,50", "--kind", "keeping")
    shop("add-spend", "2026-11", "local paper", "10", "--currency", "sek")
    rows = [tuple(row.values()) for row in shop("spend", "--json").json]
    assert rows == [
        ("2026-11", "local paper", "winning", "310.00", "EUR"),
        ("2026-11", "local paper", "winning", "10.00", "SEK"),
        ("2026-10", "newsletter", "keeping", "1200.50", "EUR"),
    ]
    assert [row["channel"] for row in shop("spend", "--kind", "keeping", "--json").json] == ["newsletter"]
    assert [row["month"] for row in shop("spend", "--until", "2026-10", "--json").json] == ["2026-10"]
    assert shop("undo").code == 0
    assert len(shop("spend", "--json").json) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["wibble", "ads", "3"], "is no month"),
        (["2026-13", "ads", "3"], "is no month"),
        (["2026-12", "ads", "3"], "has not come yet"),
        (["2026-11", " ", "3"], "needs a channel"),
        (["2026-11", "ads", "lots"], "is no amount"),
        (["2026-11", "ads", "1e400"], "is no amount"),
        (["2026-11", "ads", "3", "--kind", "wasting"], "wasting"),
    ],
)
def test_bad_spending_is_refused(file_shop: Program, arguments: list[str], words: str) -> None:
    result = file_shop("add-spend", *arguments)
    assert (result.code, words in result.err) == (2, True), result.err
    assert file_shop("spend", "--json").json == []


def test_spending_from_a_file_takes_the_place_of_what_stood_there(shop: Program, tmp_path: Path) -> None:
    shop("add-spend", "2026-01", "adverts", "5")
    path = put(
        tmp_path,
        'Month;Channel;Cost;Type\n2026-01;Adverts;"1.200,50";ads\n01/2026;adverts;100;\nFeb 2026;News;50;retention\n'
        "2027-02;News;50;retention\n;News;50;\n2026-03;News;nix;\n",
    )
    result = shop("import", "spend", path, "--json").json
    assert (result["added"], result["updated"], result["rejected"]) == (1, 2, 3)
    again = shop("import", "spend", path, "--json").json
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert [(row["month"], row["amount"]) for row in shop("spend", "--json").json] == [
        ("2026-02", "50.00"), ("2026-01", "1300.50"),
    ]  # fmt: skip

"""Did it arrive, and does it work? "No" is heard: one recovery call, which is the acknowledgement too."""

from __future__ import annotations

from conftest import Program


def test_a_bad_answer_opens_one_complaint_with_one_item(shop: Program) -> None:
    shop("add-customer", "Hanna [red] Berg", "--email", "hanna@berg.example", today="2026-11-10")
    shop("add-purchase", "hanna", "--product", "Press", "--delivered", "2026-11-17", today="2026-11-17")
    check, survey = (
        next(row["id"] for row in shop("due", "--until", "2026-12-31", "--json").json if row["what"] == what)
        for what in ("arrived and works?", "survey, under 2 minutes")
    )
    done = shop("done", check, "--not-ok", "a leg is [missing]", today="2026-11-24")
    assert done.err.startswith(
        f"Done: {check}, Hanna [red] Berg, arrived and works?. A complaint is open: recovery call on Wed 2026-11-25"
    )
    assert "2 other items held until it is put right." in done.err  # the survey, and keep in touch

    (complaint,) = shop("feedback", "--json").json
    assert (complaint["state"], complaint["words"], complaint["purchase_id"], complaint["owner"]) == (
        "open", "a leg is [missing]", 1, "Nora",
    )  # fmt: skip
    listed = shop("due", "--until", "2027-12-31", "--json").json
    assert [(row["what"], row["because"]) for row in listed if row["purpose"] == "recovery"] == [
        ("recovery call", 'arrived and works? "a leg is [missing]"')
    ]
    assert survey not in [row["id"] for row in listed]

    call = next(row["id"] for row in listed if row["what"] == "recovery call")
    shop("done", call, "--note", "the leg comes on Friday", today="2026-11-25")
    (complaint,) = shop("feedback", "--json").json
    assert (complaint["state"], complaint["acknowledged_on"]) == ("acknowledged", "2026-11-25")
    shop("resolve", "1", "--note", "brought the leg", today="2026-11-27")
    back = {row["id"]: row["due_on"] for row in shop("due", "--until", "2027-12-31", "--json").json}
    assert back[survey] >= "2026-12-17"


def test_undo_takes_the_complaint_back_and_lets_the_survey_go(shop: Program) -> None:
    shop("add-customer", "Hanna Berg")
    shop("add-purchase", "hanna", "--product", "Press", "--delivered", "2026-11-17")
    before = shop("due", "--until", "2027-12-31", "--json").json
    check = next(row["id"] for row in before if row["what"] == "arrived and works?")
    shop("done", check, "--not-ok", "it hums")
    assert shop("undo").code == 0
    assert shop("due", "--until", "2027-12-31", "--json").json == before
    assert shop("feedback", "--json").json == []
    assert shop("check").code == 0


def test_who_did_not_answer_and_a_bad_answer_without_words(file_shop: Program) -> None:
    file_shop("add-customer", "Hanna Berg")
    file_shop("add-purchase", "hanna", "--delivered", "2026-11-17")
    both = file_shop("done", "4", "--attempt", "--not-ok", "x")
    assert (both.code, "Who did not answer said nothing, either." in both.err) == (2, True)
    silent = file_shop("done", "4", "--not-ok", " ")
    assert (silent.code, "What was not right is missing." in silent.err) == (2, True)
    assert file_shop("feedback", "--json").json == []

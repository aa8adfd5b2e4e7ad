"""What those who answered receive: the same thanks for everybody, and word of what changed because of them."""

from __future__ import annotations

from conftest import Program

PEOPLE = {"Hanna Berg": "1", "Jo Park": "3", "Marta Oliveira": "5"}


def item(shop: Program, who: str, *what: str) -> int:
    rows = shop("due", "--customer", who, "--until", "2027-06-30", "--json").json
    return next(row["id"] for row in rows if row["what"] in what)


def test_everybody_who_answered_gets_the_same_letter_with_the_same_links(shop: Program) -> None:
    shop("config", "set", "share_link", "https://lind.example/share?a=1&b=2")
    shop("config", "set", "review_link", "https://lind.example/review")
    letters = []
    for name, score in PEOPLE.items():
        shop("add-customer", name, "--email", f"{name.split()[0].lower()}@example.org")
        shop("survey", name, "--service", score, "--comment", "as it [is]")
        number = item(shop, name, "thank for the answers", "thank, and ask for a referral")
        letter = shop("draft", number, "--json").json
        greeting, _, rest = letter["body"].partition("\n")
        assert (letter["template"], greeting) == ("survey_thanks", f"Dear {name.split()[0]},")
        letters.append((letter["subject"], rest))
    assert len(set(letters)) == 1
    body = letters[0][1]
    assert "Everybody who answers gets these links, whatever the answers were." in body
    for start in ("mailto:?body=", "//wa.me/?text=", "/sharer.php?u=", "/share-offsite/?url=", "/intent/post?url="):
        assert f"{start}https%3A%2F%2Flind.example%2Fshare%3Fa%3D1%26b%3D2\n" in body
    assert "To tell everybody, good or bad: https://lind.example/review" in body


def test_a_three_is_asked_what_would_make_it_a_five(shop: Program) -> None:
    shop("add-customer", "Jo Park", "--phone", "+46 8 123 45 67")
    shop("survey", "jo", "--service", "5", "--communication", "3", "--improve", "tell me the hour")
    sheet = shop("draft", item(shop, "jo", "call: what would make it a 5?")).out
    assert "3 out of 5 for communication on 24 November" in sheet
    assert "“tell me the hour”" in sheet
    assert "What would have made it a 5?" in sheet
    assert shop("feedback", "--kind", "complaint", "--json").json == []


def test_those_whose_idea_it_was_hear_what_changed(shop: Program) -> None:
    shop("add-customer", "Hanna Berg", "--email", "hanna@berg.example")
    shop("idea", "call the day [before] you come", "--customer", "hanna", "--process", "delivery")
    done = shop("resolve", "1", "--note", "Ida calls at four", today="2026-11-26")
    assert "Next: you said, we did today" in done.err
    letter = shop("draft", item(shop, "hanna", "you said, we did")).out
    assert "You told us: “call the day [before] you come.”" in letter
    assert "Since 26 November it is different. This is what we have changed: Ida calls at four." in letter
    for origin in ("ours", "staff", "best-practice"):
        number = shop("idea", "a checklist", "--from", origin, "--json").json["id"]
        assert shop("resolve", number, "--note", "hung up", "--json").json["next"] == []

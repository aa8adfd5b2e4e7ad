"""The letter in the customer's language, from the command line, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Program


def asked(shop: Program, *options: str, language: str = "de") -> int:
    """Let a customer be ready and asked; return the item that asks."""
    shop("add-customer", "Hanna [red]Berg", *options, *(("--language", language) if language else ()))
    shop("add-purchase", 1, "--product", "Heizung", "--ordered", "2026-11-02", "--delivered", "2026-11-12",
         "--promised", "2026-11-20")  # fmt: skip
    shop("log", 1, "--call", "x")
    made = shop("ask", 1, "--specific", "Nachbarn mit Altbau", "--json")
    assert made.code == 0, made.err
    return int(made.json["next"][0]["id"])


@pytest.mark.parametrize("language", ["de", "DE-at", "German", "deutsch"])
def test_the_letter_is_in_the_customers_language(shop: Program, language: str) -> None:
    shown = shop("draft", asked(shop, "--email", "h@berg.example", language=language))
    assert "Guten Tag Hanna [red]Berg,\n" in shown.out
    assert (
        "denn wir haben am 12. November früher geliefert als versprochen. Ich suche Nachbarn mit Altbau." in shown.out
    )
    assert "because" not in shown.out
    assert "there is none" not in shown.err


def test_what_is_typed_in_place_of_the_evidence_wins(shop: Program) -> None:
    number = asked(shop, "--email", "h@berg.example")
    shown = shop("draft", number, "--set", "ask.because=Sie kennen hier alle", "--json").json
    assert "denn Sie kennen hier alle. Ich suche" in shown["body"]
    assert (shown["language"], shown["template"]) == ("de", "smart_request.de")
    assert shop("draft", number, "--set", "ask.evidence=x").code == 2


def test_who_is_called_is_asked_in_their_language(shop: Program) -> None:
    shown = shop("draft", asked(shop, "--phone", "+46 8 123 45 67"))
    assert shown.out.startswith("For us: Anruf bei Hanna [red]Berg")
    assert "- wir haben am 12. November früher geliefert als versprochen" in shown.out
    assert "there is none" not in shown.err


def test_the_businesss_language_is_for_those_whose_own_is_not_known(shop: Program) -> None:
    assert shop("config", "set", "language", "Deutsch").code == 0
    assert shop("config", "get", "language").out == "de\n"
    number = asked(shop, "--email", "h@berg.example", language="")
    assert "Guten Tag" in shop("draft", number).out
    shop("edit-customer", 1, "--language", "en")
    assert "Dear Hanna" in shop("draft", number).out
    shop("edit-customer", 1, "--language", "")
    shop("config", "unset", "language")
    assert "Dear Hanna" in shop("draft", number).out
    refused = shop("config", "set", "language", "Klingonese")
    assert (refused.code, refused.err) == (
        2,
        '"Klingonese" is no language.\nGive its name or its code: Swedish, sv\n',
    )


def test_a_language_without_a_letter_says_so(shop: Program, home: Path) -> None:
    number = asked(shop, "--email", "h@berg.example", language="fi")
    shown = shop("draft", number)
    assert "Dear Hanna" in shown.out
    assert shown.err == (
        "smart_request: in English, for there is none in Finnish."
        " One of your own: refertrack templates --copy-to-mine smart_request --language fi\n"
    )
    every = shop("draft", "--all").err
    assert every.startswith("delivery_check, smart_request, thank_you_card: in English, for there is none in Finnish.")
    assert shop("draft", number, "-q").err == ""
    assert shop("templates", "--copy-to-mine", "smart_request", "--language", "fi").code == 0
    (own,) = home.rglob("smart_request.fi.txt.j2")
    own.write_text("Subject: Pyyntö\n\nHei {{ customer.name }}!\n", encoding="utf-8")
    shown = shop("draft", number)
    assert (shown.out.splitlines()[1], shown.err) == ("Subject: Pyyntö", "")


def test_a_copy_for_a_language_begins_with_its_letter(file_shop: Program, home: Path) -> None:
    for name in ("smart_request", "_greeting"):
        assert file_shop("templates", "--copy-to-mine", name, "--language", "de-AT").code == 0
        (own,) = home.rglob(f"{name}.de-at.txt.j2")
    assert own.read_text(encoding="utf-8") == "Guten Tag {{ customer.name }},\n"
    number = asked(file_shop, "--email", "h@berg.example", language="de-AT")
    own.write_text("Servus {{ customer.name }},\n", encoding="utf-8")
    shown = file_shop("draft", number).out
    assert ("Servus Hanna" in shown, "früher geliefert" in shown) == (True, True)


def test_the_list_shows_the_languages(file_shop: Program) -> None:
    rows = {row["name"]: row for row in file_shop("templates", "--json").json}
    assert rows["smart_request"]["languages"].startswith("en, de")
    assert rows["smart_request.phone"]["languages"] == rows["smart_request"]["languages"]
    assert rows["recovery_call"]["languages"] == "en"
    assert "smart_request.de" not in rows


@pytest.mark.parametrize(("language", "words"), [("de", "1.250,50 SEK"), ("sv", "1 250,50 kr"), ("en", "1,250.50 SEK")])
def test_an_amount_is_written_as_the_language_writes_it(shop: Program, language: str, words: str) -> None:
    shop("set-incentive", "thanks", "--amount", "1250.50", "--currency", "SEK")
    shop("add-customer", "Hanna [red]Berg", "--email", "h@berg.example", "--language", language)
    shop("refer", 1, "Jo Ek", "--consent", "consent")
    shop("won", 1)
    (tell,) = [row for row in shop("due", "--json").json if row["what"] == "tell how it went"]
    assert words in shop("draft", tell["id"], "--json").json["body"].replace("\xa0", " ")
    assert words in shop("draft", "reward_thanks", 1, "--json").json["subject"].replace("\xa0", " ")
    shop("set-incentive", "thanks", "--percent", "5")
    shop("refer", 1, "Bo Ek", "--consent", "consent")
    shop("won", 2, "--amount", "4200", "--currency", "SEK")
    told = shop("draft", "referral_won_thanks", 1, "--json").json["body"]
    assert {"de": "Ihr Anteil", "sv": "din andel", "en": "your share"}[language] in told
    assert "4" not in told


def test_a_copy_is_in_the_language_of_the_businesss_letters(file_shop: Program, home: Path) -> None:
    file_shop("config", "set", "language", "sv")
    for name in ("thank_you_card", "_signature", "delivery_check.phone"):
        assert file_shop("templates", "--copy-to-mine", name).code == 0
    assert {path.name for path in home.rglob("*.j2")} == {
        "thank_you_card.sv.txt.j2", "_signature.sv.txt.j2", "delivery_check.phone.txt.j2",
    }  # fmt: skip
    assert file_shop("templates", "--copy-to-mine", "thank_you_card", "--language", "en").code == 0
    (english,) = home.rglob("thank_you_card.en.txt.j2")
    assert "Thank you for choosing us" in english.read_text(encoding="utf-8")

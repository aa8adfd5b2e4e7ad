"""What a person can mistype: a sentence, the right exit code, nothing changed."""

from __future__ import annotations

import pytest

from conftest import Program


@pytest.fixture
def stocked(file_shop: Program) -> Program:
    file_shop("add-customer", "Hanna Berg", "--email", "hanna@berg.example")
    file_shop("add-customer", "Johanna Ek", "--company", "Ek Print")
    return file_shop


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (
            ["due", "--until", "31.2."],
            2,
            '"31.2." is no date.\nLike this: 2026-12-01, tomorrow, next friday, in 2 weeks.',
        ),
        (["due", "--until", "2026-02-30"], 2, '"2026-02-30" is no date.'),
        (["due", "--until", "soonish"], 2, '"soonish" is no date.'),
        (["duw"], 2, 'There is no command "duw". Close: due'),
        (["customer", "olivera"], 3, 'No customer is called "olivera".'),
        (["customer", "hana berg"], 3, "Close: Hanna Berg (1)."),
        (["customer", "hanna@nowhere.example"], 3, 'No customer has the e-mail address "hanna@nowhere.example".'),
        (["customer", "99"], 3, "There is no customer 99."),
        (
            ["customer", "anna"],
            3,
            '"anna" fits 2 customers:\n  1  Hanna Berg (hanna@berg.example)\n  2  Johanna Ek (Ek Print)',
        ),
        (["customer", "[red]"], 3, 'No customer is called "[red]".'),
        (["done", "7"], 3, "There is no item 7."),
        (["draft", "7"], 3, "There is no item 7."),
        (["add-customer"], 2, "Name is missing."),
        (["add-customer", "  "], 2, "Name is missing."),
        (["add-customer", "Jo", "--email", "jo"], 2, '"jo" is no e-mail address.'),
        (["add-customer", "Jo", "--phone", "call me"], 2, '"call me" is no phone number.'),
        (["add-customer", "Jo\x00Park"], 2, "The name holds a NUL character."),
        (["add-customer", "J" * 201], 2, "The name has 201 characters; the limit is 200."),
        (["add-customer", "Jo", "--note", "x" * 10_000_000], 2, "has 10,000,000 characters; the limit is 20,000."),
        (["add-customer", "Jo", "--note", "a\x00b"], 2, "The notes holds a NUL character."),
        (["add-customer", "Jo", "--company", "a\ud800"], 2, "The company holds half a character (bad encoding)."),
        (["add-customer", "Jo", "--referred-by", "nobody"], 3, 'No customer is called "nobody".'),
        (["add-purchase", "1", "--amount", "1e400"], 2, '"1e400" is no amount.'),
        (["add-purchase", "1", "--amount", "NaN"], 2, "is no amount."),
        (["add-purchase", "1", "--amount", "12.345,678"], 2, "too many decimals"),
        (["add-purchase", "1", "--amount", "1234567890123456789"], 2, "too large"),
        (["add-purchase", "1", "--amount", "-5"], 2, "less than nothing"),
        (["add-purchase", "1", "--amount", "5", "--currency", "XXQ"], 2, 'There is no currency "XXQ".'),
        (["add-purchase", "1", "--amount", "5.5", "--currency", "JPY"], 2, "JPY has none"),
        (["add-purchase", "1", "--ordered", "2026-11-20", "--promised", "2026-11-19"], 2, "before the order"),
        (["add-purchase", "1", "--ordered", "2026-02-30"], 2, '"2026-02-30" is no date.'),
        (["add-purchase", "1", "--ordered", "0001-01-01"], 2, '"0001-01-01" is no date.'),
        (["add-purchase", "1", "--ordered", "1850-01-01"], 1, "is more than 120 years off. Is it right?"),
        (["add-purchase", "1", "--quantity", "0"], 2, "0 is no quantity."),
        (["deliver", "1"], 3, "waits for no delivery"),
        (["deliver", "1", "--on", "tomorrow"], 3, "waits for no delivery"),
        (["ask", "1", "--specific", "guest houses"], 1, "should not be asked yet"),
        (["answer", "1", "--no-one"], 3, "There is no ask 1."),
        (["answer", "1"], 2, "Say one answer."),
        (["answer", "1", "--declined"], 2, "Why did they decline?"),
        (["won", "1"], 3, "There is no referral 1."),
        (["refer", "1", "Jo", "--email", "HANNA@berg.example"], 1, "cannot refer themselves"),
        (["refer", "1", "Jo", "--consent", "maybe"], 2, "maybe"),
        (["report", "--by", "colour"], 2, 'cannot be grouped by "colour"'),
        (["report", "sales"], 2, 'There is no report "sales".'),
        (["report", "--since", "2026-12-01", "--until", "2026-01-01"], 2, "before it begins"),
        (["customers", "--sort", "height"], 2, 'cannot be sorted by "height"'),
        (["customers", "--status", "happy"], 2, "happy"),
        (["deliver", "1", "--bogus"], 2, "No such option: --bogus"),
        (["undo", "99"], 3, "There is no command 99."),
        (["--db", "mysql://x/y", "due"], 2, "There is no way to use mysql:// as a database."),
        (["due", "--color", "sometimes"], 2, '"sometimes" is no way to colour.'),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_a_sentence_the_right_code_and_nothing_changed(
    stocked: Program, line: list[str], code: int, sentence: str
) -> None:
    before = stocked("history", "--json").out
    result = stocked(*line)
    assert (result.code, result.out) == (code, "")
    assert sentence in result.err
    assert "Traceback" not in result.err
    assert stocked("history", "--json").out == before


def test_with_json_an_error_is_one_object_on_stderr(stocked: Program) -> None:
    import json

    result = stocked("customer", "anna", "--json")
    error = json.loads(result.err)
    assert (error["code"], [each["id"] for each in error["candidates"]], result.out) == ("ambiguous", [1, 2], "")


def test_a_name_is_stored_as_typed_and_shown_without_its_sting(stocked: Program) -> None:
    sting = "Bo [red]\x1b]8;;http://x\x07[/] \u202eDahl\x9b"
    assert stocked("add-customer", sting, "--json").json["name"] == sting
    shown = stocked("customers", "bo")
    assert "Bo [red]␛]8;;http://x" in shown.out
    assert not set(shown.out) & {"\x1b", "\x07", "\u202e", "\x9b"}
    assert stocked("customers", "bo", "--json").json[0]["name"] == sting


def test_spellings_of_one_name_are_one_customer(stocked: Program) -> None:
    stocked("add-customer", "Zoe\u0308 Ame\u0301lie")  # decomposed
    assert stocked("customer", "ZO\u00cb am\u00e9lie", "--json").json["id"] == 3


def test_money_is_kept_in_minor_units_of_its_currency(stocked: Program) -> None:
    for amount, currency, kept in (("1.234,50", "EUR", "1234.50"), ("1500", "JPY", "1500"), ("1.234", "KWD", "1.234")):
        sold = stocked("add-purchase", "1", "--amount", amount, "--currency", currency, "--json").json
        assert (sold["amount"], sold["currency"]) == (kept, currency)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["customer", "²"], 3),
        (["log", "²", "--call"], 3),
        (["draft", "²"], 2),
        (["edit-customer", "1", "--keep-in-touch", "²"], 2),
        (["config", "set", "keep_in_touch_days", "²"], 2),
        (["config", "set", "resolve_days", "²"], 2),
        (["customer", "9" * 30], 3),
    ],
)
def test_what_looks_like_a_number_and_is_none(file_shop: Program, line: list[str], code: int) -> None:
    file_shop("add-customer", "Hanna")
    result = file_shop(*line)
    assert (result.code, result.out, "Something went wrong" in result.err) == (code, "", False), result.err


def test_a_width_that_is_none_is_passed_over(file_shop: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "²")
    assert file_shop("customers").code == 0

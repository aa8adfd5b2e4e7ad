"""How letters write dates, numbers, money and lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from refertrack.drafts.fields import tidy
from refertrack.drafts.render import render
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.money import Money

FIELDS: dict[str, object] = {
    "today": date(2026, 11, 24),
    "purchase": {
        "ordered_on": date(2026, 1, 3),
        "promised_on": date(2027, 2, 28),
        "what": "kettle",
        "price": Money(123450, "EUR"),
        "days": [0, 1, 2, 12, 13, -1, True, Decimal("1.5")],
    },
    "lists": {"one": ["a"], "two": ["a", "b"], "three": ["a", "b", "c"], "mixed": ["a", 1]},
    "talk": {"shared": "The annexe opens in May;  the boiler stays\nand a third ; "},
}


def shown(source: str, folder: Path) -> str:
    (folder / "letters").mkdir(exist_ok=True)
    (folder / "letters" / "own.txt.j2").write_text(f"Subject: x\n\n{source}", encoding="utf-8")
    return render("own", FIELDS, mine=folder).body.removesuffix("\n")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{ purchase.ordered_on | day }}", "3 January"),
        ("{{ purchase.ordered_on }}", "3 January"),
        ("{{ purchase.promised_on | day }}", "28 February 2027"),
        ("{{ purchase.ordered_on | weekday }}", "Saturday 3 January"),
        ("{{ purchase.promised_on | weekday }}", "Sunday 28 February 2027"),
        ("{{ purchase.price | money }}", "1,234.50 EUR"),
        ("{{ purchase.price }}", "1,234.50 EUR"),
        ("{{ purchase.days[0] | count_words }}", "no"),
        ("{{ purchase.days[1] | count_words }}", "one"),
        ("{{ purchase.days[3] | count_words }}", "twelve"),
        ("{{ purchase.days[4] | count_words }}", "13"),
        ("{{ purchase.days[5] | count_words }}", "-1"),
        ("{{ purchase.days[1] | days }}", "one day"),
        ("{{ purchase.days[2] | days }}", "two days"),
        ("{{ purchase.days[4] | days }}", "13 days"),
        ("{{ purchase.days[7] }}", "1.5"),
        ("{{ lists.one | list_words }}", "a"),
        ("{{ lists.two | list_words }}", "a and b"),
        ("{{ lists.three | list_words }}", "a, b and c"),
        ("{{ ('x', 'y') | list_words }}", "x and y"),
        ("{{ talk.shared | list_words }}", "The annexe opens in May, the boiler stays and and a third"),
    ],
)
def test_as_letters_write_it(source: str, printed: str, tmp_path: Path) -> None:
    assert shown(source, tmp_path) == printed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ purchase.what | day }}", '"day" needs a date, and "kettle" is none.'),
        ("{{ purchase.what | weekday }}", '"weekday" needs a date'),
        ("{{ purchase.what | money }}", '"money" needs an amount of money'),
        ("{{ purchase.what | count_words }}", '"count_words" needs a whole number'),
        ("{{ purchase.days[6] | days }}", '"days" needs a whole number'),
        ("{{ purchase.what | list_words }}", '"list_words" needs a list'),
        ("{{ lists.mixed | list_words }}", "found something that is no text"),
        ("{{ purchase.days[1] | full_stop }}", '"full_stop" needs text'),
    ],
)
def test_what_does_not_fit_is_refused(source: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(LetterTrouble) as caught:
        shown(source, tmp_path)
    assert caught.value.message.startswith("own.txt.j2, line 3: ")
    assert words in caught.value.message


def test_tidy_leaves_out_what_is_empty() -> None:
    fields = tidy({"a": {"b": "", "c": None, "d": 0}, "e": {"f": " "}, "g": [], "h": [None, "", "x"], "i": [{"j": ""}]})
    assert dict(fields) == {"a": {"d": 0}, "h": ("x",)}

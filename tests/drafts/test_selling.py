"""A letter that sells nothing says no word of selling."""

from __future__ import annotations

from pathlib import Path

import pytest
from letter_fields import full

from refertrack.drafts.render import render
from refertrack.drafts.selling import selling_words, shipped_words
from refertrack.rules.errors import LetterTrouble


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("I am sorry.", []),
        ("An Offer, and a discounted PRICE.", ["Offer", "discounted", "PRICE"]),
        ("offer OFFER offer", ["offer"]),
        ("They suffer at the wholesaler’s; priceless.", []),
        ("a special\n price for you", ["special\n price"]),
        ("For sale: one boiler", ["For sale"]),
        ("upgrades and vouchers", ["upgrades", "vouchers"]),
    ],
)
def test_words_of_selling_are_found(body: str, found: list[str]) -> None:
    assert selling_words(body) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [([], []), (["", "*", " "], []), (["rabatt*"], ["Rabattaktion"]), (["rabatt"], []), (["c++ (new)"], ["C++ (new)"])],
)
def test_the_list_is_the_users(words: list[str], found: list[str]) -> None:
    assert selling_words("Rabattaktion for C++ (new) now", words) == found


def test_the_shipped_letter_sells_nothing() -> None:
    assert selling_words(render("lost_touch_1", full()).body) == []


def test_the_renderer_refuses_to_sell(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    own = tmp_path / "letters" / "lost_touch_1.txt.j2"
    own.write_text("Subject: x\n\nA special price: {{ purchase.what }}\n", encoding="utf-8")
    with pytest.raises(LetterTrouble) as caught:
        render("lost_touch_1", full(), mine=tmp_path)
    assert caught.value.message == "lost_touch_1 must not sell anything, and says “special price”."
    assert caught.value.hint
    assert "special price" in render("lost_touch_1", full(), mine=tmp_path, selling=["rebate"]).body
    with pytest.raises(LetterTrouble, match="heat pump"):
        render("lost_touch_1", full(), mine=tmp_path, selling=["heat pump"])


@pytest.mark.parametrize(
    "changes",
    [{"sender__signature": "Discount Tyres"}, {"customer__first_name": "Discount Tyres"}],
)
def test_names_may_hold_any_word(changes: dict[str, object]) -> None:
    assert "Discount Tyres" in render("lost_touch_1", full(**changes)).body


def test_the_subject_sells_nothing_either(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "lost_touch_1.txt.j2").write_text("Subject: An offer\n\nHello\n", encoding="utf-8")
    with pytest.raises(LetterTrouble, match="offer"):
        render("lost_touch_1", full(), mine=tmp_path)


def test_other_letters_may_sell() -> None:
    assert "price" in shipped_words()
    assert selling_words(render("replacement_offer", full()).body) == ["price"]


@pytest.mark.parametrize(
    ("language", "words", "found"),
    [
        ("de", "Zehn Prozent Rabatt", "Rabatt"),
        ("sv", "Ett bra pris", "pris"),
        ("fr", "Une offre", "offre"),
        ("es", "Una oferta", "oferta"),
    ],
)
def test_each_language_has_its_words_of_selling(tmp_path: Path, language: str, words: str, found: str) -> None:
    (tmp_path / "letters").mkdir()
    own = tmp_path / "letters" / f"lost_touch_1.{language}.txt.j2"
    own.write_text(f"Subject: x\n\n{words}\n", encoding="utf-8")
    with pytest.raises(LetterTrouble, match=f"“{found}”"):
        render(f"lost_touch_1.{language}", full(), mine=tmp_path)
    assert words in render(f"lost_touch_1.{language}", full(), mine=tmp_path, selling=["rebate"]).body

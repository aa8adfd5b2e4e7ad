"""What may come in, and what is safe to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules.errors import BadValue
from refertrack.rules.text import clean, safe, safe_block


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hanna Berg", "Hanna Berg"),
        ("Ateş Yılmaz 渡辺 محمد नमस्ते", "Ateş Yılmaz 渡辺 محمد नमस्ते"),
        ("[red]x[/]", "[red]x[/]"),
        ("a\x1b[31mred", "a␛[31mred"),
        ("a\nb\tc\rd", "a⏎b c␍d"),
        ("bell\x07", "bell␇"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half\ud800", "half\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\u2028", "\\u2028"),
        ("family 👨‍👩‍👧 and می‌خواهم", "family 👨‍👩‍👧 and می‌خواهم"),
        ("del\x7f", "del␡"),
    ],
)
def test_controls_become_visible_and_letters_stay(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_nothing_that_steers_a_terminal_passes(text: str) -> None:
    shown = safe(text)
    assert not [character for character in shown if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}]
    assert safe(shown) == shown


def test_a_block_keeps_its_lines() -> None:
    assert safe_block("a\r\nb\x1b\nc") == "a\nb␛\nc"


@pytest.mark.parametrize(("text", "kept"), [("  Jo \n", "Jo"), ("a\x1bb", "a\x1bb"), ("e\u0301", "e\u0301"), ("", "")])
def test_text_is_kept_as_typed(text: str, kept: str) -> None:
    assert clean(text, field="name") == kept


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\x00b", "The name holds a NUL character."),
        ("a\ud83d", "The name holds half a character (bad encoding)."),
        ("x" * 201, "The name has 201 characters; the limit is 200."),
    ],
)
def test_what_no_text_can_hold_is_refused_by_name(text: str, sentence: str) -> None:
    with pytest.raises(BadValue) as error:
        clean(text, field="name")
    assert str(error.value) == sentence

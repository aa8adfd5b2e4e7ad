"""The five letters, each with what to write instead."""

from __future__ import annotations

from datetime import date

import pytest

from refertrack.rules import smart
from refertrack.rules.errors import BadValue

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    ["owners of guest houses", "someone who runs a bakery", "an architect", "people who just moved",
     "friends who sail",
     "colleagues at the hospital", "anyone who needs a heat pump", "clients of your tax adviser", "people from Lisbon",
     "new parents", "customers of yours with an old roof",
     "Nachbarn mit Altbau", "Menschen, die gerade umgezogen sind", "jemand mit einer Pension", "alle Bäcker im Ort",
     "grannar med villa", "någon som driver ett pensionat", "vänner som seglar", "kunder till din revisor",
     "des architectes", "quelqu’un qui vient de déménager", "vos voisins", "les clients de votre comptable",
     "personas que acaban de mudarse", "alguien con una panadería", "amigos que navegan", "todos los panaderos"],
)  # fmt: skip
def test_a_role_a_trade_or_a_situation_is_specific(text: str) -> None:
    assert smart.check_specific(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    ["", "  ", "anyone", "Anyone", "anyone!", "someone", "everybody", "any one",
     "anybody you know", "anyone else", "anyone interested",
     "people", "friends", "just anyone", "anyone at all", "everyone you can think of", "a friend", "your friends",
     "friends and family", "new customers", "more clients", "colleagues", "somebody who might be interested",
     "anyone who needs us", "people like you", "friends who could use us", "anyone who would like it",
     "jemand", "Jemanden", "irgendwer", "Ihre Freunde", "Bekannte", "neue Kunden!", "alle",
     "någon", "Vem som helst", "dina vänner", "folk", "alla", "några kollegor",
     "quelqu’un", "Quelqu'un", "n’importe qui", "des amis", "vos clients", "tout le monde",
     "alguien", "cualquiera", "sus amigos", "gente", "Todo el mundo", "nuevos clientes"],
)  # fmt: skip
def test_anyone_is_not(text: str) -> None:
    with pytest.raises(BadValue) as error:
        smart.check_specific(text)
    assert error.value.hint == "Say a role, a trade or a situation."


@pytest.mark.parametrize(("count", "good"), [(0, False), (1, True), (3, True), (4, False), (50, False)])
def test_one_to_three_is_measurable(count: int, good: bool) -> None:
    if good:
        assert smart.check_measurable(count) == count
        return
    with pytest.raises(BadValue, match=f"{count} is no number that one can keep"):
        smart.check_measurable(count)


def test_the_form_is_one_of_four() -> None:
    assert smart.check_attainable(" Card ") == "card"
    with pytest.raises(BadValue, match='"billboard" is no form of asking'):
        smart.check_attainable("billboard")


def test_realistic_is_not_empty() -> None:
    with pytest.raises(BadValue, match="Why can this customer do it"):
        smart.check_realistic(" ")


@pytest.mark.parametrize(
    ("day", "good"),
    [("2026-11-24", False), ("2026-11-23", False), ("2026-11-25", True), ("2027-01-23", True), ("2027-01-24", False)],
)
def test_the_day_is_one_to_sixty_ahead(day: str, good: bool) -> None:
    if good:
        assert smart.check_by(date.fromisoformat(day), TODAY) == date.fromisoformat(day)
        return
    with pytest.raises(BadValue, match="is no day to wait for"):
        smart.check_by(date.fromisoformat(day), TODAY)

"""What is asked on a terminal, one question after the other, when nothing is said by options."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import Program
from refertrack.cli import desk as desk_module


@pytest.fixture
def terminal(file_shop: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program with somebody at the keyboard."""
    file_shop("add-customer", "Hanna [red] Berg", "--email", "hanna@berg.example")
    real = desk_module.Environment.of_process
    monkeypatch.setattr(desk_module.Environment, "of_process", lambda: replace(real(), in_terminal=True))
    return file_shop


ANSWERS = "7\n5\n4\n\nquiet [b]nights[/b]\n\ncall first\nmaybe\nyes\nLin Wu\n11\n9\n\n"


def test_a_survey_is_asked_question_by_question(terminal: Program) -> None:
    asked = terminal("survey", "hanna", stdin=ANSWERS)
    assert asked.code == 0, asked.err
    for words in ("Asking Hanna [red] Berg.", "How was our service? (0 to 5): service: 7 is not on the scale.",
                  "What matters most to you? ", '"maybe" is neither yes nor no.', "  To whom? ",
                  "would_recommend: 11 is not on the scale."):  # fmt: skip
        assert words in asked.err
    assert "service 5, communication 4; has recommended us to Lin Wu; would recommend us: 9 of 10." in asked.err
    (survey,) = terminal("customer", "hanna", "--json").json["surveys"]
    assert (survey["scores"], survey["most_important"], survey["improve"], survey["why_us"]) == (
        "service 5, communication 4", "quiet [b]nights[/b]", "call first", "",
    )  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "kept"), [("y", 0, 2), ("n", 1, 1), ("", 1, 1)])
def test_answers_are_not_asked_again_where_they_may_be_kept(
    terminal: Program, answer: str, code: int, kept: int
) -> None:
    terminal("survey", "hanna", "--service", "5")
    again = terminal("survey", "hanna", stdin=f"{ANSWERS}{answer}\n")
    assert (again.code, "has answered the survey on 2026-11-24 (survey 1). Keep these answers, too?" in again.err) == (
        code, True,
    )  # fmt: skip
    assert len(terminal("customer", "hanna", "--json").json["surveys"]) == kept


def test_a_call_that_breaks_off_keeps_nothing(terminal: Program) -> None:
    broken = terminal("survey", "hanna", stdin="5\n4\n")
    assert broken.code == 130
    assert terminal("customer", "hanna", "--json").json["surveys"] == []
    nothing = terminal("survey", "hanna", stdin="\n" * 9)
    assert (nothing.code, "Nothing was answered." in nothing.err) == (2, True)


def test_options_and_no_input_ask_nothing(terminal: Program) -> None:
    assert "Asking" not in terminal("survey", "hanna", "--service", "5", stdin="").err
    refused = terminal("survey", "hanna", "--no-input", "--again", stdin="")
    assert (refused.code, "Nothing was answered." in refused.err) == (2, True)


def test_an_opportunity_is_asked_for_by_issue_impact_and_importance(terminal: Program) -> None:
    noted = terminal("add-opportunity", "hanna", "--json", stdin="cold rooms\nguests leave\n9\n4\n")
    assert (noted.code, "importance: 9 is not on the scale." in noted.err) == (0, True)
    assert (noted.json["issue"], noted.json["impact"], noted.json["importance"]) == ("cold rooms", "guests leave", 4)
    plain = terminal("add-opportunity", "hanna", "--json", stdin="draughts\n\n\n").json
    assert (plain["impact"], plain["importance"]) == ("", 3)
    told = terminal("add-opportunity", "hanna", "--issue", "noise", "--json", stdin="").json
    assert (told["issue"], told["importance"]) == ("noise", 3)


def test_what_is_missing_is_asked_for(terminal: Program) -> None:
    assert terminal("complain", "hanna", stdin="it [b]hums\n").code == 0
    assert terminal("resolve", "1", stdin="a new fan\n").code == 0
    assert terminal("confirm", "1", "--not-ok", "", stdin="still hums\n").code == 0
    (row,) = terminal("feedback", "--json").json
    assert row["words"] == "it [b]hums\n2026-11-24, not right yet: still hums"
    empty = terminal("resolve", "1", stdin="\n")
    assert (empty.code, '"What was done about it?" is not answered.' in empty.err) == (2, True)

"""What an empty field's hint says to type is a command that there is, with options that it has."""

from __future__ import annotations

import re
import shlex

import pytest

from refertrack.cli.main import build
from refertrack.cli.registry import BY_NAME
from refertrack.drafts.catalogue import FIELDS

HINTS = sorted({field.fill for field in FIELDS.values()})
PROGRAMS = {"--today"}
COMING = {
    *("add-action", "finish-action", "add-opportunity", "complain", "compliment", "remarkable", "resolve"),
    *("config", "log", "rewards", "snooze", "survey"),
} - set(BY_NAME)


def options_of(command: str) -> set[str]:
    return {option for parameter in build(BY_NAME[command]).params for option in parameter.opts}


@pytest.mark.parametrize("hint", HINTS)
def test_a_hint_can_be_typed(hint: str) -> None:
    program, *words = shlex.split(hint)
    assert program == "refertrack"
    if words[0] in PROGRAMS:
        words = ["due", *words]
    if words[0] in COMING:
        return
    assert words[0] in BY_NAME, hint
    given = {word for word in words if word.startswith("--")}
    assert given <= options_of(words[0]), hint


@pytest.mark.parametrize("hint", [hint for hint in HINTS if " --set" in hint])
def test_what_is_set_by_hand_is_a_field(hint: str) -> None:
    (name,) = re.findall(r"--set (\S+?)=", hint)
    assert name in FIELDS

"""The grammar of playbooks: an event, and the steps that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from refertrack.rules.dates import parse_period
from refertrack.rules.errors import BadValue
from refertrack.rules.words import Channel, Purpose

STEP_KEYS = {"name", "what", "after", "purpose", "channel", "template", "note", "talk", "share", "priority"}
PLAYBOOK_KEYS = {"title", "step", "off"}


@dataclass(frozen=True)
class Step:
    """One step: due ``count`` ``unit``s after the event's day.

    ``channel`` is empty where the customer's own preference decides; ``note`` marks a note that was not
    asked for; ``talk`` a step that is done only when the customer has answered; ``share`` is the number of
    days within which one step serves several events.
    """

    name: str
    what: str
    count: int
    unit: str
    purpose: str
    channel: str = ""
    template: str = ""
    note: bool = False
    talk: bool = False
    share: int = 0
    priority: int = 50


@dataclass(frozen=True)
class Playbook:
    """An event and its steps, in order."""

    name: str
    title: str
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """Return the step of that name, or None."""
        return next((step for step in self.steps if step.name == name), None)


def read_playbooks(document: Mapping[str, Any]) -> dict[str, Playbook]:
    """Read playbooks from a parsed TOML document.

    Raises:
        BadValue: a table, a key or a value is not as the grammar has it; the sentence names the place.

    """
    return {name: _playbook(name, table) for name, table in document.items()}


def _playbook(name: str, table: object) -> Playbook:
    if not isinstance(table, Mapping):
        raise _bad(name, "is no table", f"Write [{name}] and below it [[{name}.step]].")
    _only(name, table, PLAYBOOK_KEYS)
    steps = table.get("step", [])
    if not isinstance(steps, list):
        raise _bad(name, "has no list of steps", f"Write [[{name}.step]] for each step.")
    read = () if table.get("off") else tuple(_step(name, number, step) for number, step in enumerate(steps, 1))
    names = [step.name for step in read]
    double = next((step for step in names if names.count(step) > 1), None)
    if double:
        raise _bad(name, f'has two steps called "{double}"', "Give each step a name of its own.")
    return Playbook(name, str(table.get("title", name)), read)


def _step(playbook: str, number: int, table: Mapping[str, Any]) -> Step:
    place = f"{playbook}, step {number},"
    _only(place, table, STEP_KEYS)
    for key in ("name", "what"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise _bad(place, f"has no {key}", f'Write {key} = "…".')
    purpose = _word(place, "purpose", table.get("purpose", Purpose.SERVICE), [word.value for word in Purpose])
    channel = _word(place, "channel", table.get("channel", ""), ["", *(word.value for word in Channel)])
    count, unit = parse_period(str(table.get("after", "0 days")))
    return Step(
        name=table["name"],
        what=table["what"],
        count=count,
        unit=unit,
        purpose=purpose,
        channel=channel,
        template=str(table.get("template", "")),
        note=bool(table.get("note", False)),
        talk=bool(table.get("talk", False)),
        share=_number(place, "share", table.get("share", 0), 0, 366),
        priority=_number(place, "priority", table.get("priority", 50), 1, 99),
    )


def _number(place: str, key: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _bad(place, f"has {key} = {value!r}", f"Write a whole number from {least} to {most}.")
    return value


def _word(place: str, key: str, value: object, allowed: list[str]) -> str:
    if value not in allowed:
        raise _bad(place, f'has {key} = "{value}"', f"Write one of: {', '.join(word for word in allowed if word)}.")
    return str(value)


def _only(place: str, table: Mapping[str, Any], keys: set[str]) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        raise _bad(place, f'has a key "{unknown[0]}" that nobody reads', f"Known are: {', '.join(sorted(keys))}.")


def _bad(place: str, what: str, hint: str) -> BadValue:
    return BadValue(f"Playbook {place} {what}.", hint, field="playbooks")

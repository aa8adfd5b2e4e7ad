"""The grammar of playbooks, and the ones that ship."""

from __future__ import annotations

from typing import Any

import pytest

from refertrack.rules.errors import BadValue
from refertrack.rules.playbooks import read_playbooks
from refertrack.store.settings import load_business


def step(**values: Any) -> dict[str, Any]:
    return {"event": {"step": [{"name": "card", "what": "thank-you card", **values}]}}


def test_a_step_has_its_defaults() -> None:
    found = read_playbooks(step(after="1 month"))["event"].steps[0]
    assert (found.count, found.unit, found.purpose, found.channel, found.priority) == (1, "month", "service", "", 50)


def test_a_playbook_that_is_off_has_no_steps() -> None:
    document = step()
    document["event"]["off"] = True
    assert read_playbooks(document)["event"].steps == ()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"event": "soon"}, "is no table"),
        ({"event": {"step": "card"}}, "has no list of steps"),
        ({"event": {"steps": []}}, 'has a key "steps" that nobody reads'),
        ({"event": {"step": [{"what": "card"}]}}, "has no name"),
        ({"event": {"step": [{"name": "card"}]}}, "has no what"),
        (step(after="soon"), '"soon" is no span of time'),
        (step(purpose="fun"), 'has purpose = "fun"'),
        (step(channel="fax"), 'has channel = "fax"'),
        (step(priority=0), "has priority = 0"),
        (step(priority=True), "has priority = True"),
        (step(share=-1), "has share = -1"),
        (step(colour="red"), 'has a key "colour" that nobody reads'),
        ({"event": {"step": [{"name": "a", "what": "a"}, {"name": "a", "what": "b"}]}}, 'two steps called "a"'),
    ],
)
def test_a_mistake_is_named_with_its_place(document: dict[str, Any], words: str) -> None:
    with pytest.raises(BadValue) as error:
        read_playbooks(document)
    assert words in str(error.value)


def test_the_playbooks_that_ship_are_readable() -> None:
    business = load_business({})
    assert {"order", "delivered", "referral_received", "referral_won", "ask"} <= set(business.playbooks)
    assert [s.name for s in business.playbooks["delivered"].steps] == ["check", "survey"]


def test_a_playbook_of_ones_own_replaces_the_one_that_ships_and_leaves_the_others() -> None:
    own = '[order]\n[[order.step]]\nname = "call"\nwhat = "call them"\nafter = "2 days"\n'
    business = load_business({"playbooks": own})
    assert [s.name for s in business.playbooks["order"].steps] == ["call"]
    assert [s.name for s in business.playbooks["delivered"].steps] == ["check", "survey"]

"""A power cut at any moment leaves all or nothing of a command, and what was told is so.

All of them: python tests/faults/power.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from disks import Op, recorded
from power import Found, judged

from scenes import Scene
from sweep import stage
from tracing import Program, missing

SEED = "REFERTRACK_FAULT_SEED"
DISKS = 30  # of each command

pytestmark = [
    pytest.mark.skipif(bool(missing()) and not os.environ.get("CI"), reason=missing()),
    pytest.mark.xdist_group("power"),
]

Played = tuple[Program, dict[str, tuple[Scene, list[Op]]]]


@pytest.fixture(scope="module")
def on_stage() -> Iterator[Played]:
    with stage(1) as (programs, scenes):
        program = programs.get()
        yield program, {scene.name: (scene, recorded(program, scene)) for scene in scenes}


def test_what_a_power_cut_leaves_is_all_or_nothing_and_holds_what_was_told(
    on_stage: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    program, scenes = on_stage
    seed = int(os.environ.get(SEED) or int.from_bytes(os.urandom(3), "big"))
    found = [each for scene, ops in scenes.values() for each in judged(program, scene, ops, 8, seed, DISKS)]
    with capsys.disabled():
        print(f"\n{len(found)} power cuts tried; the same ones again: {SEED}={seed} pytest tests/faults/test_power.py")
    assert [each.words for each in found if each.problems] == [], f"{SEED}={seed}"
    assert len(found) == DISKS * len(scenes)


def without(ops: list[Op], *kinds: str, path: str) -> list[Op]:
    """Leave out what a careless program would not do."""
    return [op for op in ops if not (op.kind in kinds and op.path.endswith(path))]


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("done", "customers.db-journal", "neither all nor nothing"),  # pages on the disk before what protects them
        ("done", "customers.db", "neither all nor nothing"),  # the journal gone before the pages are there
        ("done", ".", "told to be done, and is not"),  # the journal comes back, and what was before with it
        ("restore", "", ""),
    ],
)
def test_what_is_not_synced_is_seen_to_be_lost(on_stage: Played, name: str, path: str, words: str) -> None:
    """The judge itself is tried: a command without one of its syncs is called bad, the real one is not."""
    program, scenes = on_stage
    scene, ops = scenes[name]
    careless = without(ops, "sync", path=path) if path else ops
    assert (careless == ops) == (path == "")
    found: list[Found] = list(judged(program, scene, careless, 6, 1, 0 if path else 40))
    problems = " ".join(problem for each in found for problem in each.problems)
    assert words in problems if words else problems == "", problems[:500]

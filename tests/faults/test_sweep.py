"""Faults and power cuts at places that move from run to run, and the order in which work is brought to the disk.

All of them: python tests/faults/sweep.py, python tests/faults/power.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest
from disks import Op, recorded
from power import judged

from order import broken_order
from scenes import DATABASE, Scene, attempt, played, variables
from sweep import points, run, sample, stage
from tracing import FAULTS, FILTER, LOCKING, Call, Program, calls, missing

SEED = "REFERTRACK_FAULT_SEED"
SAMPLE = 60
DISKS = 30  # of each command, as a power cut leaves them
RUN = "from refertrack.cli.main import run; run()"

pytestmark = [
    pytest.mark.skipif(bool(missing()) and not os.environ.get("CI"), reason=missing()),
    pytest.mark.xdist_group("faults"),
]


@pytest.fixture(scope="module")
def on_stage() -> Iterator[tuple[Queue[Program], list[Scene]]]:
    with stage() as found:
        yield found


def test_wherever_a_command_is_struck_nothing_is_lost_and_nothing_is_said_that_is_not_so(
    on_stage: tuple[Queue[Program], list[Scene]], record_property: Callable[[str, object], None]
) -> None:
    programs, scenes = on_stage
    seed = int(os.environ.get(SEED) or int.from_bytes(os.urandom(3), "big"))
    wanted = sample(points(scenes), SAMPLE, seed)
    verdicts = [verdict for verdict in run(programs, wanted) if verdict is not None]
    record_property("told", f"{len(verdicts)} faults tried; the same ones again: {SEED}={seed} pytest tests/faults")
    assert [verdict.words for verdict in verdicts if verdict.problems] == [], f"{SEED}={seed}"
    assert len(verdicts) > SAMPLE * 0.9


def test_what_is_done_is_on_the_disk_before_it_is_said(on_stage: tuple[Queue[Program], list[Scene]]) -> None:
    _, scenes = on_stage
    for scene in scenes:
        screens = {call.path for call in scene.calls if call.path.endswith(("/out", "/err"))}
        assert screens
        assert list(broken_order(scene.calls, screens)) == [], scene.name


def test_a_process_of_its_own_makes_the_same_calls(on_stage: tuple[Queue[Program], list[Scene]]) -> None:
    _, scenes = on_stage
    scene = next(scene for scene in scenes if scene.name == "done")

    def shapes(made: tuple[Call, ...] | list[Call]) -> list[tuple[str, str]]:
        files = [call for call in made if call.name != "write" or call.path.startswith(("/dev/shm", str(folder)))]
        return [
            (call.name, re.sub(r"\.[0-9a-f]{8}\b", "", Path(call.path).name))
            for call in files
            if call.name != LOCKING or call.locks
            if not call.path.endswith(("/out", "/err")) and not Path(call.path).name.startswith(".refertrack-")
        ]

    with played(scene.start) as folder:
        trace = folder.with_name("trace")
        whole = {**os.environ, **variables(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        line = ["strace", "-f", "-qq", "-y", "-o", str(trace), "-e", FILTER, sys.executable, "-c", RUN, *scene.line]
        subprocess.run(line, env=whole, cwd=folder, check=True, capture_output=True)
        assert shapes(calls(trace, folder)) == shapes(list(scene.calls))


def test_a_fault_that_is_not_mended_is_seen(
    on_stage: tuple[Queue[Program], list[Scene]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge itself is tried: a file that is spoilt on the way is called bad."""
    programs, scenes = on_stage
    scene = next(scene for scene in scenes if scene.name == "done")
    written = (n for n, call in enumerate(scene.calls) if call.name != LOCKING and call.path.endswith(DATABASE))
    killed_in_the_end = max(written)
    program = programs.get()
    real = Program.run

    def without_journals(self: Program, folder: Path, *arguments: object) -> object:
        for journal in folder.glob("*-journal"):
            journal.unlink()
        found = real(self, folder, *arguments)  # type: ignore[arg-type]
        for journal in folder.glob("*-journal"):
            journal.unlink()
        return found

    monkeypatch.setattr(Program, "run", without_journals)
    try:
        verdict = attempt(program, scene, killed_in_the_end - 3, FAULTS[0])
    finally:
        programs.put(program)
    assert verdict is not None
    assert verdict.problems


Played = tuple[Program, dict[str, tuple[Scene, list[Op]]]]


@pytest.fixture(scope="module")
def played_once(on_stage: tuple[Queue[Program], list[Scene]]) -> Iterator[Played]:
    programs, scenes = on_stage
    program = programs.get()
    yield program, {scene.name: (scene, recorded(program, scene)) for scene in scenes}
    programs.put(program)


def test_what_a_power_cut_leaves_is_all_or_nothing_and_holds_what_was_told(
    played_once: Played, record_property: Callable[[str, object], None]
) -> None:
    program, scenes = played_once
    seed = int(os.environ.get(SEED) or int.from_bytes(os.urandom(3), "big"))
    found = [each for scene, ops in scenes.values() for each in judged(program, scene, ops, 8, seed, DISKS)]
    record_property("told", f"{len(found)} power cuts tried; the same ones again: {SEED}={seed} pytest tests/faults")
    assert [each.words for each in found if each.problems] == [], f"{SEED}={seed}"
    assert len(found) == DISKS * len(scenes)


def careless(ops: list[Op], path: str) -> list[Op]:
    """Leave out the syncs of a file; of the folder the last one alone: the journal's name is there, its end is not."""
    syncs = [op for op in ops if op.kind == "sync" and op.path.endswith(path)] if path else []
    left_out = syncs[-1:] if path == "." else syncs
    return [op for op in ops if not any(op is each for each in left_out)]


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("done", "customers.db-journal", "neither all nor nothing"),  # pages on the disk before what protects them
        ("done", "customers.db", "neither all nor nothing"),  # the journal gone before the pages are there
        ("done", ".", "told to be done, and is not"),  # the journal comes back, and what was before with it
        ("restore", "", ""),
    ],
)
def test_what_is_not_synced_is_seen_to_be_lost(played_once: Played, name: str, path: str, words: str) -> None:
    """The judge itself is tried: a command without one of its syncs is called bad, the real one is not."""
    program, scenes = played_once
    scene, ops = scenes[name]
    done = careless(ops, path)
    assert (done == ops) == (path == "")
    found = judged(program, scene, done, 1, 1, 0 if path else 40)
    problems = (problem for each in found for problem in each.problems)
    assert any(words in problem for problem in problems) == bool(path)


def call(name: str, *paths: str) -> Call:
    return Call(name, paths, 0, injected=False)


DB, JOURNAL, FOLDER, SCREEN = "/h/x.db", "/h/x.db-journal", "/h", "/s/out"
WELL = [
    call("pwrite64", JOURNAL), call("fdatasync", JOURNAL), call("fdatasync", FOLDER), call("pwrite64", DB),
    call("fdatasync", DB), call("unlink", JOURNAL), call("fdatasync", FOLDER), call("write", SCREEN),
]  # fmt: skip
NAMED = [
    call("write", "/h/.new"), call("fsync", "/h/.new"), call("link", "/h/.new", "/h/new"), call("fsync", FOLDER),
    call("unlink", "/h/.new"), call("write", SCREEN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (WELL, ""),
        (NAMED, ""),
        (WELL[:1] + WELL[2:], "written before its journal"),
        (WELL[:2] + WELL[3:], "written before its journal"),
        (WELL[:4] + WELL[5:], "deleted before what it protects"),
        (WELL[:6] + WELL[7:], "told before the names in /h"),
        (WELL[:6], "told before the names in /h"),
        (NAMED[:1] + NAMED[2:], "got its name before"),
        (NAMED[:3] + NAMED[4:], "told before the names in /h"),
        (NAMED[:1], "told before /h/.new was"),
    ],
)
def test_what_would_not_survive_a_power_cut_is_seen(made: list[Call], words: str) -> None:
    found = list(broken_order(made, {SCREEN}))
    assert (found == []) == (words == ""), found
    assert words in " ".join(found)

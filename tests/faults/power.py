"""Power cuts: every disk that one could leave behind a command, and what the database holds then.

A kill leaves what the system has in its memory; a power cut leaves what was brought to the disk, and of all else any
part. A command's calls are recorded with their bytes. For a cut after each of them the folder is laid out as it could
be found: without anything that was not synced, with all of it, with the names alone, with the bytes alone, and by
chance with any of the writes, one of them torn between two sectors. The file must hold all or nothing of the command,
what had been told must be so, every backup must be whole, and the next commands must work.

    python tests/faults/power.py                                  every cut of every command
    python tests/faults/power.py --scene done --chances 50 --seed 3
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from disks import Disk, Files, Op, laid_out, recorded

from scenes import DATABASE, Scene, next_steps, other_files, played, state
from sweep import stage
from tracing import Program, Ran, missing

CHANCES = 8
NEXT_EVERY = 25  # of so many disks, one is gone on with: a check, the same command again, another one


@dataclass(frozen=True)
class Found:
    """What a power cut led to: after which call, what of the rest was kept, and what was wrong with it."""

    scene: str
    after: str
    kept: str
    outcome: str
    problems: tuple[str, ...]

    @property
    def words(self) -> str:
        """Say where it was, and what was wrong."""
        return f"{self.scene}, cut {self.after}, {self.kept}: {self.outcome}" + "".join(
            f"\n    {problem}" for problem in self.problems
        )


def cuts(
    scene: Scene, ops: Sequence[Op], chances: int, chance: random.Random
) -> Iterator[tuple[str, str, bool, Files]]:
    """Give every disk that a power cut could leave: after which call, what was kept, whether anything was told."""
    disk, told = Disk(scene.start), False
    yield "before anything", "nothing", told, disk.found("nothing", chance)
    for number, op in enumerate(ops, 1):
        told = told or op.kind == "tell"
        disk.take(op)
        for kept in ("nothing", "everything", "names", "bytes", *["by chance"] * chances):
            yield f"after call {number} ({op.kind} {Path(op.path).name})", kept, told, disk.found(kept, chance)


def judged(
    program: Program, scene: Scene, ops: Sequence[Op], chances: int, seed: int, wanted: int = 0
) -> Iterator[Found]:
    """Judge every disk of a scene once, or ``wanted`` of them by chance."""
    chance = random.Random(seed)
    known: dict[tuple[bytes, bool], tuple[str, tuple[str, ...]]] = {}
    total = 1 + len(ops) * (4 + chances)
    chosen = set(chance.sample(range(total), min(wanted, total))) if wanted else None
    for number, (after, kept, told, files) in enumerate(cuts(scene, ops, chances, chance)):
        if chosen is not None and number not in chosen:
            continue
        key = (digest(files), told)
        if key not in known:
            go_on = program if len(known) % NEXT_EVERY == 0 else None
            known[key] = judge(scene, files, told=told, program=go_on)
        yield Found(scene.name, after, kept, *known[key])


def digest(files: Files) -> bytes:
    """Return what tells two disks apart."""
    found = hashlib.sha256()
    for path in sorted(files):
        found.update(f"{path}\0{len(files[path] or b'')}\0".encode())
        found.update(files[path] or b"")
    return found.digest()


def judge(scene: Scene, files: Files, *, told: bool, program: Program | None) -> tuple[str, tuple[str, ...]]:
    """Lay a disk out and see what it holds."""
    with played(scene.start) as folder:
        laid_out(folder, files)
        found = state(folder / DATABASE)
        outcome = {scene.before: "nothing of it", scene.after: "all of it"}.get(found, "torn")
        problems = [f"neither all nor nothing: {found}"] if outcome == "torn" else []
        if scene.before == scene.after:
            outcome = "as before" if outcome != "torn" else outcome
        elif told and outcome == "nothing of it":
            problems.append("told to be done, and is not")
        problems += other_files(scene, folder, Ran(0 if told else 1, "", ""), outcome)
        if program is not None and not problems:
            problems += next_steps(program, scene, folder, outcome, again=True)
    return outcome, tuple(problems)


def table(found: Sequence[Found], calls: dict[str, int]) -> Iterator[str]:
    """Put what was found into lines of a table as documents have it."""
    yield "| command | calls | disks | nothing of it | all of it | bad |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for name, count in calls.items():
        of_it = [each for each in found if each.scene == name]
        outcomes = Counter(each.outcome for each in of_it)
        nothing = outcomes["nothing of it"] + outcomes["as before"]
        bad = sum(bool(each.problems) for each in of_it)
        yield f"| {name} | {count:,} | {len(of_it):,} | {nothing:,} | {outcomes['all of it']:,} | {bad:,} |"


def main() -> int:
    """Cut the power at every call, say what was found, and end with 1 where anything was bad."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", nargs="+", default=[])
    parser.add_argument("--chances", type=int, default=CHANCES)
    parser.add_argument("--seed", type=int, default=0)
    wished = parser.parse_args()
    if missing():
        sys.exit(missing())
    began = time.monotonic()
    found: list[Found] = []
    calls: dict[str, int] = {}
    with stage(1) as (programs, scenes):
        program = programs.get()
        for scene in scenes:
            if wished.scene and scene.name not in wished.scene:
                continue
            ops = recorded(program, scene)
            calls[scene.name] = len(ops)
            for each in judged(program, scene, ops, wished.chances, wished.seed):
                found.append(each)
                if each.problems:
                    print(each.words, flush=True)
        programs.put(program)
    print(*table(found, calls), sep="\n")
    print(f"seed {wished.seed}; {(time.monotonic() - began) / 60:.0f} minutes")
    return int(any(each.problems for each in found))


if __name__ == "__main__":
    sys.exit(main())

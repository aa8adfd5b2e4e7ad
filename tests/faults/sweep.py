"""Every fault tried: kill a command, or make its calls fail, at each call that changes a file, in turn.

Runs an import of 1,000 rows, a ``done`` with the day's backup before it, a migration with data, a backup, a restore,
and a change of a file that writes ahead. At each call that writes, syncs, cuts, names or deletes a file, the process is
killed, or the call (or it and every such call after it) fails with "no space left" or "input/output error"; where the
database is locked or its lock given back, with "no locks available" or "input/output error". Then the file must pass
``check`` and hold all or nothing of the command, nothing may have been said that is not so, every backup must be
whole, and the next commands must work.

    python tests/faults/sweep.py                        all of it: more than an hour's work for one core
    python tests/faults/sweep.py --scene done restore
    python tests/faults/sweep.py --sample 60 --seed 7   so many points, chosen by a seed
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

sys.path.insert(0, str(Path(__file__).parent))

from scenes import DATABASE, Scene, Verdict, attempt, build
from tracing import FAULTS, LOCK_FAULTS, LOCKING, Call, Fault, Program, missing

Point = tuple[Scene, int, Fault]
AT_ONCE = 2


@contextmanager
def stage(at_once: int = AT_ONCE) -> Iterator[tuple[Queue[Program], list[Scene]]]:
    """Give loaded programs, and the scenes' beginnings, in a folder that goes away."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="refertrack-faults-", dir=memory if memory.is_dir() else None) as name:
        programs: Queue[Program] = Queue()
        started = [Program(Path(name, f"program-{number}")) for number in range(at_once)]
        try:
            scenes = build(started[0], Path(name, "scenes"))
            for program in started:
                programs.put(program)
            yield programs, scenes
        finally:
            for program in started:
                program.__exit__(None, None, None)


def points(scenes: Sequence[Scene]) -> list[Point]:
    """Return every call of every scene with every fault that it may meet."""
    return [
        (scene, index, fault) for scene in scenes for index, call in enumerate(scene.calls) for fault in faults(call)
    ]


def faults(call: Call) -> tuple[Fault, ...]:
    """Return what may go wrong at a call; of locks those are tried that are taken on the database or given back."""
    if call.name != LOCKING:
        return FAULTS
    name = Path(call.path).name if call.locks else ""
    if name == f"{DATABASE}-shm":  # any error is taken for somebody else's lock; one that lasts would be waited for
        return LOCK_FAULTS[:1]
    return LOCK_FAULTS if name == DATABASE else ()


def sample(every: Sequence[Point], count: int, seed: int) -> list[Point]:
    """Choose points: of each scene and each fault as many, in turn any call and one that is no plain write."""
    chance = random.Random(seed)
    groups: dict[tuple[str, str], list[Point]] = {}
    for point in every:
        locks = point[0].calls[point[1]].locks
        groups.setdefault((point[0].name, f"{point[2].words}{' of a lock' if locks else ''}"), []).append(point)
    kinds = list(groups.values())
    chance.shuffle(kinds)
    chosen = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        rare = [point for point in kind if point[0].calls[point[1]].name != "pwrite64"]
        chosen.append(chance.choice(rare if number // len(kinds) % 2 else kind))
    return chosen


def run(programs: Queue[Program], wanted: Sequence[Point], at_once: int = AT_ONCE) -> Iterator[Verdict | None]:
    """Try points, several at a time."""

    def one(point: Point) -> Verdict | None:
        program = programs.get()
        try:
            return attempt(program, *point)
        finally:
            programs.put(program)

    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(one, wanted)


def table(scenes: Sequence[Scene], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Put what was found into lines of a table as documents have it."""
    yield "| command | calls | points | nothing of it | all of it | bad |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for scene in scenes:
        of_it = [verdict for verdict in verdicts if verdict.scene == scene.name]
        if of_it:
            yield _row(scene.name, _struck(scene), of_it)
    played = {verdict.scene for verdict in verdicts}
    yield _row("all", sum(_struck(scene) for scene in scenes if scene.name in played), verdicts)


def _struck(scene: Scene) -> int:
    return sum(bool(faults(call)) for call in scene.calls)


def _row(name: str, count: int, verdicts: Sequence[Verdict]) -> str:
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    nothing = outcomes["nothing of it"] + outcomes["as before"]
    bad = sum(bool(verdict.problems) for verdict in verdicts)
    return f"| {name} | {count:,} | {len(verdicts):,} | {nothing:,} | {outcomes['all of it']:,} | {bad:,} |"


def main() -> int:
    """Sweep, say what was found, and end with 1 where anything was bad."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", nargs="+", default=[])
    parser.add_argument("--call", nargs="+", default=[], help="only such calls: fdatasync, unlink, link …")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="only every so many points")
    wished = parser.parse_args()
    if missing():
        sys.exit(missing())
    began = time.monotonic()
    with stage() as (programs, scenes):
        chosen = [scene for scene in scenes if not wished.scene or scene.name in wished.scene]
        every = [point for point in points(chosen) if not wished.call or point[0].calls[point[1]].name in wished.call]
        wanted = sample(every, wished.sample, wished.seed) if wished.sample else every[:: wished.every]
        verdicts: list[Verdict] = []
        missed = 0
        for number, verdict in enumerate(run(programs, wanted), 1):
            if verdict is None:
                missed += 1
                continue
            verdicts.append(verdict)
            if verdict.problems:
                print(verdict.words, flush=True)
            if number % 500 == 0:
                print(f"{number:,} of {len(wanted):,}", file=sys.stderr, flush=True)
    print(*table(chosen, verdicts), sep="\n")
    left = Counter(name for verdict in verdicts for name in set(verdict.leftovers))
    print("left behind, in nobody's way:", ", ".join(f"{name} {count:,}" for name, count in left.items()) or "nothing")
    print(f"{missed:,} faults did not strike; {(time.monotonic() - began) / 60:.0f} minutes")
    return int(any(verdict.problems for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())

"""What strace is asked for, and what it answers: the calls that change files, in their order."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

HERE = Path(__file__).parent
# Every call by which a file's bytes, length or name change, or come to the disk.
CALLS = (
    "write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "sync_file_range", "ftruncate", "truncate",
    "fallocate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "sendfile",
    "copy_file_range",
)  # fmt: skip
LOCKING = "fcntl"  # by which a file is locked, and a lock given back; of other uses it has no fault is tried
FILTER = "trace=" + ",".join(f"?{name}" for name in (*CALLS, LOCKING))
_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|\?)(.*)$")
_PATH = re.compile(r'<([^>]*)>|"([^"]*)"')


def missing() -> str:
    """Say what this machine lacks for a sweep, '' where it lacks nothing."""
    if not sys.platform.startswith("linux"):
        return "faults are injected by strace, which is Linux's"
    if shutil.which("strace") is None:
        return "strace is not here: apt-get install strace"
    tried = subprocess.run(
        ["strace", "-o", os.devnull, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "true"],
        capture_output=True, check=False,
    )  # fmt: skip
    return "" if tried.returncode == 0 else "strace may not trace here (ptrace is not allowed)"


@dataclass(frozen=True)
class Call:
    """A call that changes files: its name, the paths that it names, and what it gave."""

    name: str
    paths: tuple[str, ...]
    result: int
    injected: bool
    locks: bool = False  # whether a lock is taken or given back

    @property
    def path(self) -> str:
        """The first path."""
        return self.paths[0] if self.paths else ""


def calls(trace: Path, folder: Path) -> list[Call]:
    """Read the calls of a trace that was written with ``-y``, of a command that ran in a folder."""
    found = []
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _LINE.match(line)
        if match:
            name, arguments, result, rest = match.groups()
            head = arguments if name not in {"write", "pwrite64"} else arguments.partition(",")[0]
            paths = tuple(one or str(folder / other) for one, other in _PATH.findall(head))
            locks = name == LOCKING and ", F_SETLK" in arguments
            found.append(Call(name, paths, -1 if result == "?" else int(result), "(INJECTED)" in rest, locks))
    return found


@dataclass(frozen=True)
class Fault:
    """What goes wrong: the process is killed, or calls fail with an error, once or from there on."""

    words: str
    error: str = ""
    lasting: bool = False


FAULTS = (
    Fault("killed"),
    Fault("ENOSPC once", "ENOSPC"),
    Fault("ENOSPC from there on", "ENOSPC", lasting=True),
    Fault("EIO once", "EIO"),
    Fault("EIO from there on", "EIO", lasting=True),
)
# A disk that has no locks left, or none any more; the engine takes the first for somebody else's lock, and waits.
LOCK_FAULTS = (
    Fault("ENOLCK once", "ENOLCK"),
    Fault("EIO once", "EIO"),
    Fault("EIO from there on", "EIO", lasting=True),
)


def injections(whole: Sequence[Call], index: int, fault: Fault) -> list[str]:
    """Return strace's options for a fault at one call of a run; strace counts each kind of call by itself.

    A fault that lasts leaves the person's screen alone, so that what is said can be judged; where writing to a
    screen is what fails first, it fails for good too. Locks are one thing, and what is written is another.
    """
    before = Counter(call.name for call in whole[:index])
    name = whole[index].name
    if not fault.error:
        return ["-e", f"inject={name}:signal=KILL:when={before[name] + 1}"]
    if not fault.lasting:
        return ["-e", f"inject={name}:error={fault.error}:when={before[name] + 1}"]
    failing = {call.name for call in whole if call.name not in {"write", LOCKING}} | {name}
    if name == LOCKING:
        failing = {LOCKING}
    options = []
    for one in sorted(failing):
        options += ["-e", f"inject={one}:error={fault.error}:when={before[one] + 1}+"]
    return options


@dataclass(frozen=True)
class Ran:
    """What became of a command line; a process that was killed has a negative code."""

    code: int
    out: str
    err: str
    seconds: float = 0.0


class Program:
    """refertrack, loaded once and run in forks; see ``zygote``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "zygote.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self._answer()

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, folder: Path, line: Sequence[str], variables: Mapping[str, str], tracer: Sequence[str] = ()) -> Ran:
        """Run a command line in a folder; ``tracer`` holds strace's options, where it is to be traced."""
        assert self._process.stdin is not None
        out, err = self.folder / "out", self.folder / "err"
        request = {
            "line": list(line), "folder": str(folder), "variables": dict(variables), "out": str(out), "err": str(err),
            "tracer": ["strace", "-qq", "-e", "signal=none", "-y", "-e", FILTER, *tracer] if tracer else [],
        }  # fmt: skip
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        text = (place.read_text(encoding="utf-8", errors="replace") for place in (out, err))
        return Ran(answer["code"], *text, answer["seconds"])

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs the commands has ended")
        found: dict[str, float] = json.loads(line)
        return found

"""A process that has loaded all of refertrack and runs each command line in a fork of itself.

Start-up is most of a command's time, and a sweep runs thousands; what a fork does is what a process does: it opens
the files, writes, and can be killed. One request a line on stdin, one answer a line on stdout, both JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_SET_PTRACER = 0x59616D61
_ANYBODY = ctypes.c_ulong(-1)
_ATTACH_SECONDS = 20.0


def serve() -> None:
    """Answer requests until stdin ends."""
    warm_up()
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command line in a fork, traced where wanted; a process that was killed has a negative code."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        become(request)
    tracer = subprocess.Popen([*request["tracer"], "-p", str(child)]) if request["tracer"] else None
    _, status = os.waitpid(child, 0)
    if tracer is not None:
        tracer.wait()
    return {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began}


def become(request: dict[str, Any]) -> None:
    """Be the command's process: its streams, its variables, its folder; then run it and end."""
    streams = os.open(os.devnull, os.O_RDONLY), _open(request["out"]), _open(request["err"])
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
    os.environ.clear()
    os.environ.update(request["variables"])
    os.chdir(request["folder"])
    if request["tracer"]:
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PTRACER, _ANYBODY, 0, 0, 0)
        wait_for_tracer()
    os._exit(run(request["line"]))


def run(line: list[str]) -> int:
    """Run a command line through the program's entry; return its exit code."""
    from refertrack.cli.main import run as entry

    try:
        entry(line)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except BaseException:  # noqa: BLE001 - what a process does with it: a traceback, and code 1
        import traceback

        traceback.print_exc()
    return 1


def wait_for_tracer() -> None:
    """Wait until somebody traces this process."""
    until = time.monotonic() + _ATTACH_SECONDS
    while "\nTracerPid:\t0\n" in Path("/proc/self/status").read_text(encoding="ascii"):
        if time.monotonic() > until:
            os._exit(99)
        time.sleep(0.002)


def _open(place: str) -> int:
    return os.open(place, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)


def warm_up() -> None:
    """Load what the commands load, by running them once."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    stdout, stderr = os.dup(1), os.dup(2)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w", encoding="ascii") as nothing:
        os.environ.update(HOME=folder, REFERTRACK_DB=f"{folder}/x.db", REFERTRACK_TODAY="2026-11-24", LANG="C.UTF-8")
        file = Path(folder, "rows.csv")
        file.write_text("name,email\nHanna Berg,hanna@x.example\n", encoding="utf-8")
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
        for line in (
            ["import", "customers", str(file)], ["add-purchase", "hanna", "--ordered", "2026-11-20"], ["done", "1"],
            ["due"], ["customers", "--json"], ["backup", f"{folder}/copy.db"],
            ["restore", f"{folder}/copy.db", "--yes"], ["check", "--json"], ["undo"],
        ):  # fmt: skip
            code = run(line)
            if code:
                os.write(stderr, f"{line} ended with {code}\n".encode())
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    serve()

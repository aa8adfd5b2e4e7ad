"""What is longer than the screen goes through the person's pager, as PAGER names it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from refertrack.cli.environment import Environment


def pager_of(environment: Environment) -> list[str]:
    """Return the pager's command line; empty where there is none, or none is wanted."""
    if not (environment.in_terminal and environment.out_terminal) or environment.get("TERM") == "dumb":
        return []
    named = environment.variables.get("PAGER")
    if named is not None:
        words = shlex.split(named)
        return [] if words[:1] == ["cat"] and len(words) == 1 else words
    import shutil

    found = shutil.which("less") or shutil.which("more")
    return [found] if found else []


def page(lines: Sequence[str], environment: Environment) -> bool:
    """Show lines in a pager; False where there is none, none is wanted, or it cannot be started."""
    command = pager_of(environment)
    if not command:
        return False
    import subprocess

    variables = {"LESS": "FIRX", "LESSCHARSET": "utf-8", **environment.variables}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=variables, encoding="utf-8")  # noqa: S603
    except OSError:
        return False
    try:
        pager.communicate("\n".join(lines) + "\n")
    except (BrokenPipeError, KeyboardInterrupt):  # the person has seen enough
        pager.wait()
    return True

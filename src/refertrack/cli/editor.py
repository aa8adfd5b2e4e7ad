"""The person's editor: VISUAL, else EDITOR, else what the system has."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from pathlib import Path

from refertrack.cli.environment import Environment
from refertrack.rules.errors import FileTrouble

USUAL = ("sensible-editor", "nano", "vim", "vi", "notepad.exe")


def edited(environment: Environment, text: str, name: str) -> str:
    """Let the person edit a text; return it as it is then. The file that it stood in is gone afterwards.

    One that holds what cannot be read here stays, since it may hold what they typed.

    Raises:
        FileTrouble: there is no editor, or it failed.

    """
    import subprocess

    command = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "")
    if not command:
        command = [found for each in USUAL if (found := shutil.which(each))][:1]
    if not command:
        raise FileTrouble("There is no editor here.", "Name yours: EDITOR=nano refertrack …")
    folder = Path(tempfile.mkdtemp(prefix="refertrack-"))
    path = folder / name
    unread = False
    try:
        path.write_text(text, encoding="utf-8")
        try:
            code = subprocess.run([*command, str(path)], check=False, env=dict(environment.variables)).returncode  # noqa: S603
        except OSError as error:
            raise FileTrouble(f"The editor {command[0]} cannot be started.", "Name another: EDITOR=nano") from error
        if code != 0:
            raise FileTrouble(f"The editor {command[0]} ended with {code}; nothing was changed.", "Try it again.")
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            unread = path.exists()
            where = f" It is kept: {path}" if unread else ""
            raise FileTrouble(
                f"What the editor left cannot be read.{where}", "Save it as UTF-8, under its name."
            ) from error
    finally:
        if not unread:
            shutil.rmtree(folder, ignore_errors=True)

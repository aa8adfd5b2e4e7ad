"""A settings document at the command line: printed, checked, edited, taken in, written out, put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.rules.errors import BadValue, FileTrouble, RefertrackError, WrongUsage

if TYPE_CHECKING:
    from refertrack.cli.desk import Desk

Edit = Annotated[bool, typer.Option("--edit", help="Change it in your editor ($VISUAL, $EDITOR).")]
ImportFile = Annotated[str | None, typer.Option("--import", metavar="FILE", help="Take it from a TOML file.")]
ExportFile = Annotated[
    str | None, typer.Option("--export", metavar="FILE", help="Write it as a TOML file; - prints it.")
]
CheckFile = Annotated[str | None, typer.Option("--check", metavar="FILE", help="See whether a TOML file would do.")]
Reset = Annotated[bool, typer.Option("--reset", help="Let it hold as the program ships it.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file that --export names.")]


@dataclass(frozen=True)
class Request:
    """What was asked for; at most one thing at a time."""

    edit: bool = False
    import_file: str | None = None
    export_file: str | None = None
    check_file: str | None = None
    reset: bool = False
    force: bool = False


def tend(desk: Desk, name: str, request: Request, also: Callable[[str], None] = lambda _text: None) -> bool:
    """Do to the document what was asked for; return whether anything was (else the command shows it).

    ``also`` checks a text beyond what the reader of its grammar does.

    Raises:
        BadValue: a text is not as the grammar has it; the sentence names the place.
        FileTrouble: a file cannot be read or written.

    """
    asked = [request.edit, request.import_file, request.export_file, request.check_file, request.reset]
    if sum(bool(each) for each in asked) > 1:
        raise WrongUsage("One thing at a time.", "Say --edit, --import, --export, --check or --reset.")
    if request.check_file is not None:
        _checked(name, _read(request.check_file), also)
        desk.screen.changed(f"{request.check_file} is good: {name}.", {"document": name, "good": True})
    elif request.export_file is not None:
        _export(desk, name, request.export_file, force=request.force)
    elif request.import_file is not None:
        _save(desk, name, _read(request.import_file), also)
    elif request.reset:
        _reset(desk, name)
    elif request.edit:
        _edit(desk, name, also)
    return any(asked)


def _read(file: str) -> str:
    import sys

    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise FileTrouble(f"There is no file {file}.", "Check the spelling and the folder.") from error
    except UnicodeDecodeError as error:
        raise FileTrouble(f"{file} is not UTF-8.", "Save it as UTF-8 and try again.") from error
    except OSError as error:
        raise FileTrouble(f"{file} cannot be read: {error.strerror or error}.", "Check its rights.") from error


def _checked(name: str, text: str, also: Callable[[str], None]) -> None:
    from refertrack.store.settings import load_business

    load_business({name: text})
    also(text)


def _stored(desk: Desk, name: str) -> tuple[str, int]:
    """Return the document's text, and the version of the business's own (0 where it has none)."""
    from refertrack.store.settings import default_document

    with desk.reading() as reader:
        row = reader.row("SELECT document, version FROM setting WHERE name = :name", name=name)
    return (row["document"], row["version"]) if row else (default_document(name), 0)


def _save(desk: Desk, name: str, text: str, also: Callable[[str], None], version: int | None = None) -> None:
    from refertrack.store.settings import save_document

    _checked(name, text, also)
    with desk.writing() as (session, _):
        save_document(session, name, text, seen_version=version)
    desk.screen.changed(
        f"The {name} hold from now on.", {"document": name, "saved": True}, "Take it back: refertrack undo"
    )


def _export(desk: Desk, name: str, file: str, *, force: bool) -> None:
    text, _ = _stored(desk, name)
    if file == "-":
        desk.screen.out.write(text)
        return
    from refertrack.exchange.files import safe_write

    safe_write(Path(file), text.encode(), force=force)
    desk.screen.changed(
        f"Wrote {file}.", {"document": name, "file": file}, f"Take it in again: refertrack {name} --import {file}"
    )


def _reset(desk: Desk, name: str) -> None:
    from refertrack.store.settings import reset_document

    desk.sure(f"Let the {name} hold as they ship?")
    with desk.writing() as (session, _):
        had = reset_document(session, name)
    words = f"The {name} hold as they ship." if had else f"The {name} were as they ship already."
    desk.screen.changed(words, {"document": name, "reset": had}, "Take it back: refertrack undo" if had else "")


def _edit(desk: Desk, name: str, also: Callable[[str], None]) -> None:
    if not desk.screen.interactive:
        raise WrongUsage(
            "There is no terminal to edit on.", f"Use: refertrack {name} --export FILE, then --import FILE"
        )
    before, version = _stored(desk, name)
    text = before
    while True:
        text = _edited(desk, name, text)
        if text == before:
            desk.screen.say("Nothing was changed.")
            return
        try:
            _save(desk, name, text, also, version)
        except BadValue as error:
            desk.screen.error(error)
            if not desk.screen.confirm("Edit it again? (no: nothing is changed)"):
                raise RefertrackError("Nothing was changed.") from error
        else:
            return


def _edited(desk: Desk, name: str, text: str) -> str:
    """Let the person change a text in their editor."""
    import shlex
    import subprocess
    import tempfile

    editor = desk.environment.get("VISUAL") or desk.environment.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="refertrack-") as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)  # noqa: S603  the person's own editor
        except (OSError, subprocess.CalledProcessError) as error:
            raise FileTrouble(
                f'The editor "{editor}" did not work.', "Set EDITOR, or use --export and --import."
            ) from error
        return _read(str(path))

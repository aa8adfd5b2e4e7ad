"""Documents of the business at the desk: shown, checked, edited, put in and out, given back to the default."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.desk import Desk
from refertrack.rules.errors import BadValue, Conflict, FileTrouble, RefertrackError, WrongUsage

if TYPE_CHECKING:
    from refertrack.store.documents import Document

MOST_BYTES = 1_000_000


Edit = Annotated[bool, typer.Option("--edit", help="Change it in your editor ($VISUAL, $EDITOR).")]
ImportFile = Annotated[
    str | None, typer.Option("--import", metavar="FILE", help="Take it from a TOML file; - reads it.")
]
ExportFile = Annotated[
    str | None, typer.Option("--export", metavar="FILE", help="Write it as a TOML file; - prints it.")
]
CheckFile = Annotated[str | None, typer.Option("--check", metavar="FILE", help="See whether a TOML file would do.")]
Reset = Annotated[bool, typer.Option("--reset", help="Let it hold as the program ships it.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file that --export names.")]
Also = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What was asked for; at most one thing at a time."""

    edit: bool = False
    import_file: str | None = None
    export_file: str | None = None
    check_file: str | None = None
    reset: bool = False
    force: bool = False


def _nothing_more(_text: str) -> None:
    """Check no more than the grammar."""


def tend(desk: Desk, name: str, request: Request, also: Also = _nothing_more) -> bool:
    """Do to a document what was asked for; return whether anything was (else the command shows it).

    ``also`` checks a text beyond what the reader of its grammar does.

    Raises:
        WrongUsage: more than one thing is asked for.
        BadValue: a text is not as the grammar has it; the sentence names the place.
        FileTrouble: a file cannot be read or written.

    """
    asked = [request.import_file, request.export_file, request.check_file]
    if sum(each is not None for each in asked) + request.edit + request.reset > 1:
        raise WrongUsage("One thing at a time.", "Say --edit, --import, --export, --check or --reset.")
    if request.check_file is not None:
        _check(desk, name, request.check_file, also)
    elif request.edit:
        edit_document(desk, name, also)
    elif request.import_file is not None:
        _save(desk, current(desk, name), read_text(request.import_file), also)
    elif request.export_file is not None:
        _put_out(desk, current(desk, name), request.export_file, force=request.force)
    elif request.reset:
        _reset(desk, current(desk, name))
    else:
        return False
    return True


def current(desk: Desk, name: str) -> Document:
    """Return a document as it holds now."""
    from refertrack.store.documents import document

    with desk.reading() as reader:
        return document(reader, name)


def is_own(desk: Desk, name: str, key: str) -> bool:
    """Whether the business has put something of its own under a key of a document."""
    from refertrack.store.documents import differs

    return differs(desk.documents.get(name, ""), name, key)


def read_text(name: str) -> str:
    """Read a document from a file, or from standard input.

    Raises:
        FileTrouble: it cannot be read, is too large, or is no UTF-8.

    """
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else _bytes(Path(name).expanduser())
        if len(data) > MOST_BYTES:
            raise FileTrouble(f"{name} is too large for a document of settings.", "Is it the right file?")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise FileTrouble(f"{name} cannot be read: {error.strerror or error}.", "Check its name.") from error
    except UnicodeDecodeError as error:
        raise FileTrouble(f"{name} is no text in UTF-8.", "Save it as UTF-8.") from error


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _check(desk: Desk, name: str, file: str, also: Also) -> None:
    from refertrack.store.documents import check

    text = read_text(file)
    check(name, text)
    also(text)
    desk.screen.changed(f"{file} is good: {name}.", {"document": name, "good": True})


def _put_out(desk: Desk, document: Document, file: str, *, force: bool) -> None:
    if file == "-":
        desk.screen.raw_text(document.text)
        return
    from refertrack.store.files import safe_write

    path = Path(file).expanduser()
    safe_write(path, document.text.encode("utf-8"), force=force)
    record = {"document": document.name, "file": str(path)}
    desk.screen.changed(f"Wrote {path}.", record, f"Take it in again: {_taking_in(document.name, str(path))}")


def _save(desk: Desk, before: Document, text: str, also: Also) -> None:
    """Put a text in the document's place, unless somebody else was quicker since it was read."""
    from refertrack.store.documents import check
    from refertrack.workflows.documents import save

    check(before.name, text)
    also(text)
    if text == before.text:
        desk.screen.changed("Nothing was changed.", {"document": before.name, "saved": False})
        return
    with desk.writing() as (session, _):
        save(session, before.name, text, seen_version=before.version)
    record = {"document": before.name, "saved": True}
    desk.screen.changed(f"The {before.name} hold from now on.", record, "Take it back: refertrack undo")


def _reset(desk: Desk, before: Document) -> None:
    from refertrack.store.documents import reset

    desk.sure(f"Let the {before.name} hold as they ship?")
    with desk.writing() as (session, _):
        had = reset(session, before.name, seen_version=before.version)
    words = f"The {before.name} hold as they ship." if had else f"The {before.name} were as they ship already."
    desk.screen.changed(words, {"document": before.name, "reset": had}, "Take it back: refertrack undo" if had else "")


def change_value(desk: Desk, name: str, path: tuple[str, ...], value: str | None, *, words: str = "") -> None:
    """Set one value of a document, or take it away; it is checked as the whole document is."""
    from refertrack.store.documents import value as value_at
    from refertrack.store.documents import with_value, without_value
    from refertrack.workflows.documents import save

    before = current(desk, name)
    old = value_at(before.text, path)
    new = None if value is None else _typed(value, old)
    text = without_value(before.written, path) if value is None else with_value(name, before.written, path, new)
    with desk.writing() as (session, _):
        save(session, name, text, seen_version=before.version)
    key = words or ".".join((name, *path))
    sentence = f"{key} has its default again." if value is None else f"{key} is {new} now."
    was = f" It was: {old}." if old not in {None, "", new} else ""
    record = {"key": key, "value": new, "before": old}
    desk.screen.changed(sentence + was, record, "Take it back: refertrack undo")


def _typed(text: str, old: Any) -> Any:
    """Return a typed value as what stands there now: a number, yes or no, a list, else words."""
    words = text.strip()
    if isinstance(old, bool) and words.casefold() in {"yes", "no", "true", "false"}:
        return words.casefold() in {"yes", "true"}
    if isinstance(old, list):
        return [part.strip() for part in words.split(",") if part.strip()]
    digits = words.lstrip("-")
    if (old is None or isinstance(old, int)) and digits.isdecimal() and digits.isascii():
        return int(words)
    return text


def edit_document(desk: Desk, name: str, also: Also = _nothing_more) -> None:
    """Open a document in the person's editor until it reads as it should, then save it.

    Raises:
        WrongUsage: nothing may be asked here.
        BadValue: the text cannot be read and is not to be mended now; it is kept in a file.
        RefertrackError: it cannot be saved, such as where somebody else was quicker; the text is kept in a file.

    """
    from refertrack.cli.editor import edited

    if desk.options.no_input:
        raise WrongUsage("Nothing can be edited with --no-input.", f"Like this: {_taking_in(name, 'FILE')}")
    before = current(desk, name)
    text = before.text
    while True:
        text = edited(desk.environment, text, f"{name}.toml")
        try:
            _save(desk, before, text, also)
        except BadValue as error:
            if not _again(desk, name, text, error):
                _keep(desk, name, text, error)
                raise
        except RefertrackError as error:  # somebody else was quicker, the disk is full, the database is in use
            _keep(desk, name, text, error)
            raise
        else:
            return


def _again(desk: Desk, name: str, text: str, error: BadValue) -> bool:
    """Say what is wrong with a text, and ask whether it is to be mended now."""
    if not desk.screen.interactive:
        return False
    desk.screen.error(error)
    try:
        return desk.screen.confirm("Edit it again?")
    except KeyboardInterrupt:
        _keep(desk, name, text, error)
        desk.screen.say(f"\n{error.hint}")
        raise


def _keep(desk: Desk, name: str, text: str, error: RefertrackError) -> None:
    """Keep what the person typed in a file, and let the error's hint say so."""
    path, reason = _put_aside(desk, f"{name}-{desk.environment.now():%Y%m%d-%H%M%S}.toml", text)
    where = f"is kept: {_taking_in(name, str(path))}" if path else f"could not be kept: {reason}"
    words = "Nothing was saved; what" if isinstance(error, BadValue | Conflict) else "What"
    error.hint = f"{error.hint} {words} you typed {where}".lstrip()


def _put_aside(desk: Desk, name: str, text: str) -> tuple[Path | None, str]:
    """Write a text beside the databases, else where passing files go; return where, or why it is nowhere."""
    import tempfile

    from refertrack.store.files import private_folder, safe_write

    def passing() -> Path:
        return Path(tempfile.mkdtemp(prefix="refertrack-"))

    reason = ""
    for place in (desk.environment.data_folder, passing):
        try:
            folder = place()
            private_folder(folder)
            safe_write(folder / name, text.encode("utf-8"), force=True)
        except OSError as error:
            reason = f"{error.strerror or error}."
        except FileTrouble as error:
            reason = error.message
        else:
            return folder / name, ""
    return None, reason


def _taking_in(name: str, file: str) -> str:
    """Return the command that takes a document in from a file; a small one has none, and is set value by value."""
    command = _COMMANDS.get(name)
    return f"refertrack {command} --import {file}" if command else f"refertrack config set {name}.KEY VALUE ({file})"


# The documents that have a command of their own.
_COMMANDS = {"playbooks": "playbooks", "segments": "segments", "incentives": "incentives", "survey": "questions"}

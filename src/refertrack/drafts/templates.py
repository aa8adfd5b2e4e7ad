"""Where templates are, which letters there are, and how a person takes one over."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from refertrack.rules.errors import FileTrouble, LetterTrouble, NotFound

LETTERS = "letters"
SUFFIXES = (".txt.j2", ".html.j2")
_NAME = re.compile(r"\w[\w-]*")
_NOTES = re.compile(r"\A\s*\{#-?(.*?)-?#\}", re.DOTALL)
_NOTE = re.compile(r"(title|about|to):\s*(.*)")


@dataclass(frozen=True)
class TemplateInfo:
    """A letter that can be drafted.

    ``to`` says who reads it: ``customer``, ``referred`` (the person referred) or ``us`` (a call sheet or a
    note for ourselves). ``mine`` marks one of the user's own.
    """

    name: str
    title: str
    about: str
    to: str
    mine: bool
    path: Path


def template_root() -> Path:
    """Return the folder of the shipped templates: in an installed package, else in the checkout.

    Raises:
        LetterTrouble: there is none, so the installation is damaged.

    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    if (package / "templates" / LETTERS).is_dir():
        return package / "templates"
    if (checkout / "pyproject.toml").is_file() and (checkout / "templates" / LETTERS).is_dir():
        return checkout / "templates"
    raise LetterTrouble("The templates that came with refertrack are missing.", "Install refertrack again.")


def letter_folders(mine: Path | None) -> tuple[Path, ...]:
    """Return the folders that hold letters, the user's own first.

    ``mine`` is laid out as the shipped folder is: letters stand in ``letters`` below it.
    """
    return (*([mine / LETTERS] if mine else []), template_root() / LETTERS)


def find_letter(name: str, mine: Path | None = None) -> Path:
    """Return a letter's file by its name, with or without the ending; the user's own wins.

    Raises:
        NotFound: there is no letter of that name.

    """
    bare = name.removesuffix(".j2").removesuffix(".txt").removesuffix(".html")
    if _NAME.fullmatch(bare) and not bare.startswith("_"):
        for folder in letter_folders(mine):
            for suffix in SUFFIXES:
                path = folder / f"{bare}{suffix}"
                if path.is_file():
                    return path
    raise NotFound(f'There is no letter "{name}".', _close(bare, mine))


def list_templates(mine: Path | None = None) -> tuple[TemplateInfo, ...]:
    """Return the letters there are, by name; what begins with an underscore is a part of others."""
    found: dict[str, TemplateInfo] = {}
    for folder in letter_folders(mine):
        for suffix in SUFFIXES:
            for path in sorted(folder.glob(f"*{suffix}")):
                name = path.name.removesuffix(suffix)
                if _NAME.fullmatch(name) and not name.startswith("_"):
                    found.setdefault(name, _info(name, path, mine=folder != template_root() / LETTERS))
    return tuple(found[name] for name in sorted(found))


def template_info(name: str, mine: Path | None = None) -> TemplateInfo:
    """Return what is known of a letter.

    Raises:
        NotFound: there is no letter of that name.

    """
    path = find_letter(name, mine)
    bare = path.name.removesuffix(SUFFIXES[0]).removesuffix(SUFFIXES[1])
    return _info(bare, path, mine=path.parent != template_root() / LETTERS)


def copy_to_mine(name: str, folder: Path) -> Path:
    """Copy a shipped letter into the user's own folder, to be changed there; return the new file.

    Raises:
        NotFound: there is no letter of that name.
        FileTrouble: the user has it already, or the folder cannot be written to.

    """
    source = find_letter(name)
    target = folder / LETTERS / source.name
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # O_EXCL never follows a link and never writes over what is there.
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise FileTrouble(f"{target} is there already.", "Change that one, or delete it first.") from error
    except OSError as error:
        raise FileTrouble(f"{target} cannot be written: {error.strerror}.", "Check the folder's rights.") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(source.read_bytes())
    return target


def _info(name: str, path: Path, *, mine: bool) -> TemplateInfo:
    """Read the comment at a letter's head; without one the name has to do."""
    notes = {"title": name.replace("_", " "), "about": "", "to": "customer"}
    comment = _NOTES.match(path.read_text(encoding="utf-8-sig", errors="replace"))
    for line in comment[1].splitlines() if comment else []:
        note = _NOTE.fullmatch(line.strip())
        if note:
            notes[note[1]] = note[2]
    return TemplateInfo(name, notes["title"], notes["about"], notes["to"], mine, path)


def _close(name: str, mine: Path | None) -> str:
    """Say which letters are spelled like it, and where all are listed."""
    from difflib import get_close_matches

    close = get_close_matches(name, [info.name for info in list_templates(mine)], n=3)
    return (f"Close: {', '.join(close)}. " if close else "") + "All of them: refertrack templates"

"""Where templates are, which letters there are, and how a person takes one over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from refertrack.rules.errors import BadValue, FileTrouble, LetterTrouble, NotFound
from refertrack.rules.languages import ENGLISH, codes

LETTERS = "letters"
SUFFIXES = (".txt.j2", ".html.j2")
CHANNELS = ("email", "phone", "post", "meeting")
_SPOKEN = frozenset({"phone", "meeting"})
_NAME = re.compile(r"\w[\w-]*(?:\.[\w-]+){0,2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?")
_NOTES = re.compile(r"\A\s*\{#-?(.*?)-?#\}", re.DOTALL)
_NOTE = re.compile(r"(title|about|to|purpose|language):\s*(.*)")


@dataclass(frozen=True)
class TemplateInfo:
    """A letter that can be drafted.

    ``name`` holds the variant, as in thank_you_card.sv or delivery_check.phone. ``to`` says who reads it:
    ``customer``, ``referred`` (the person referred), ``friend`` (whom the customer passes it on to) or ``us`` (a
    call sheet or a note for ourselves). ``purpose`` says which opt-out stops it; ``mine`` marks one of the
    user's own.
    """

    name: str
    title: str
    about: str
    to: str
    purpose: str
    language: str
    mine: bool
    path: Path

    @property
    def base(self) -> str:
        """The letter's name without its variant."""
        return base_of(self.name)


def base_of(name: str) -> str:
    """Return a letter's name without its variant."""
    return name.partition(".")[0]


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


def variants(channel: str = "", languages: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the endings of a letter's name for a customer's channel and languages, the closest first.

    A sheet for a call or a meeting is ours to read: it comes before a letter in the customer's language.
    """
    channels = [f".{channel}"] if channel in CHANNELS else []
    tongues = [f".{language}" for language in languages]
    both = [f"{way}{tongue}" for tongue in tongues for way in channels]
    return (*both, *channels, *tongues) if channel in _SPOKEN else (*both, *tongues, *channels)


def find_letter(name: str, mine: Path | None = None, wanted: Sequence[str] = ()) -> Path:
    """Return a letter's file by its name, with or without the ending.

    The user's own wins; in each folder the first of the ``wanted`` variants that is there, else the plain one.

    Raises:
        NotFound: there is no letter of that name.

    """
    bare = bare_name(name)
    if _NAME.fullmatch(bare) and not bare.startswith("_"):
        endings = ("",) if "." in bare else (*wanted, "")
        for folder in letter_folders(mine):
            for ending in endings:
                for suffix in SUFFIXES:
                    path = folder / f"{bare}{ending}{suffix}"
                    if path.is_file():
                        return path
    raise NotFound(f'There is no letter "{name}".', _close(bare, mine))


def bare_name(file: str) -> str:
    """Return the name of a letter's file without its ending."""
    return file.removesuffix(".j2").removesuffix(".txt").removesuffix(".html")


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


def languages_of(name: str, found: Sequence[TemplateInfo]) -> tuple[str, ...]:
    """Return the languages that a letter is there in, among those found; one that says none is in English."""
    here = {info.language or ENGLISH for info in found if plain_name(info) == name}
    return tuple(sorted(here, key=lambda code: (code != ENGLISH, code)))


def plain_name(info: TemplateInfo) -> str:
    """Return a letter's name without its language: smart_request.phone for smart_request.phone.sv."""
    return info.name.removesuffix(f".{info.language}") if info.language else info.name


def template_info(name: str, mine: Path | None = None) -> TemplateInfo:
    """Return what is known of a letter.

    Raises:
        NotFound: there is no letter of that name.

    """
    return info_of(find_letter(name, mine))


def info_of(path: Path) -> TemplateInfo:
    """Return what is known of a letter's file."""
    return _info(bare_name(path.name), path, mine=path.parent != template_root() / LETTERS)


def copy_to_mine(name: str, folder: Path, *, language: str = "") -> Path:
    """Copy a shipped letter or part into the user's own folder, to be changed there; return the new file.

    For a language it is the shipped one of that language, where there is one.

    Args:
        name: the letter's name; a part of letters begins with an underscore.
        folder: the user's own folder of templates.
        language: the language that it is to be written in, which becomes a part of the file's name.

    Raises:
        NotFound: there is no letter of that name.
        FileTrouble: the user has it already, or the folder cannot be written to.
        BadValue: the language is none.

    """
    if language and not _LANGUAGE.fullmatch(language):
        raise BadValue(f'"{language}" is no language.', "Give its code: sv, de, pt-BR", field="language")
    source = _shipped(bare_name(name), codes(language))
    plain, variant = bare_name(source.name), f".{language.lower()}" if language else ""
    for ending in (f".{code}" for code in codes(language)):
        plain = plain.removesuffix(ending)
    bare = f"{plain}{variant}"
    target = folder / LETTERS / (bare + source.name.removeprefix(bare_name(source.name)))
    if target.exists() or target.is_symlink():
        raise FileTrouble(f"{target} is there already.", "Change that one, or delete it first.")
    from refertrack.store.files import private_folder, safe_write

    try:
        private_folder(target.parent)
    except OSError as error:
        raise FileTrouble(f"{target} cannot be written: {error.strerror}.", "Check the folder's rights.") from error
    safe_write(target, source.read_bytes())
    return target


def ships_in(name: str, language: str) -> bool:
    """Whether a letter or part came with refertrack in a language."""
    return bool(language) and (template_root() / LETTERS / f"{bare_name(name)}.{language}{SUFFIXES[0]}").is_file()


def _shipped(bare: str, languages: Sequence[str]) -> Path:
    """Return the shipped file of a letter or part, in the first of some languages that it is there in.

    Raises:
        NotFound: there is none of that name.

    """
    if bare.startswith("_") and _NAME.fullmatch(bare):
        for ending in (*(f".{language}" for language in languages), ""):
            part = template_root() / LETTERS / f"{bare}{ending}{SUFFIXES[0]}"
            if part.is_file():
                return part
    return find_letter(bare, wanted=variants("", languages))


def _info(name: str, path: Path, *, mine: bool) -> TemplateInfo:
    """Read the comment at a letter's head; without one the name has to do."""
    variant = name.rpartition(".")[2] if "." in name else ""
    notes = {
        "title": name.replace("_", " "),
        "about": "",
        "to": "customer",
        "purpose": "service",
        "language": variant if variant not in CHANNELS else "",
    }
    comment = _NOTES.match(path.read_text(encoding="utf-8-sig", errors="replace"))
    for line in comment[1].splitlines() if comment else []:
        note = _NOTE.fullmatch(line.strip())
        if note:
            notes[note[1]] = note[2]
    return TemplateInfo(name=name, mine=mine, path=path, **notes)


def _close(name: str, mine: Path | None) -> str:
    """Say which letters are spelled like it, and where all are listed."""
    from difflib import get_close_matches

    close = get_close_matches(name, [info.name for info in list_templates(mine)], n=3)
    return (f"Close: {', '.join(close)}. " if close else "") + "All of them: refertrack templates"

"""From a template and its fields to a letter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from refertrack.drafts.catalogue import fill_hint
from refertrack.drafts.fields import LANGUAGE_FIELD, tidy
from refertrack.drafts.selling import refuse_selling
from refertrack.drafts.templates import bare_name, find_letter, info_of, letter_folders
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.languages import codes

if TYPE_CHECKING:
    from types import TracebackType

    from refertrack.drafts.sandbox import LetterEnvironment

_BLANKS = re.compile(r"[^\S\xa0\u202f]+")  # those that no line breaks at stay: Comment allez-vous ?
GRAMMAR = "A letter prints fields, chooses with if, repeats with for and includes a file; no more."


@dataclass(frozen=True)
class Letter:
    """A letter as it can be sent: one line of subject, the body, the template it was made from, and its language.

    A language that nobody named is "". Lines of the body end in LF alone; paragraphs are not wrapped.
    """

    subject: str
    body: str
    template: str
    path: Path
    language: str = ""

    @property
    def is_html(self) -> bool:
        """Whether the body is HTML."""
        return self.path.name.endswith(".html.j2")


def render(
    name: str,
    fields: Mapping[str, object],
    *,
    mine: Path | None = None,
    wanted: Sequence[str] = (),
    selling: Sequence[str] | None = None,
) -> Letter:
    """Render a letter.

    Args:
        name: the letter's name, such as thank_you_card.
        fields: what the template may use, as ``catalogue.FIELDS`` lists it: a group such as ``customer`` is a
            mapping of its fields; values are text, numbers, dates, Money, or lists of these or of mappings.
        mine: the user's own folder of templates, which wins over the shipped one.
        wanted: the variants that suit the reader best (``templates.variants``).
        selling: the words that a letter which sells nothing must not use; the shipped ones if left out.

    Raises:
        NotFound: there is no letter of that name.
        LetterTrouble: a field has no value, or the template is wrong; the sentence names the file and the line.

    """
    path = find_letter(name, mine, wanted)
    group = tidy(fields)
    language = info_of(path).language
    filled = _filled(letter_environment(letter_folders(mine)), path.name, {**group, LANGUAGE_FIELD: language})
    letter = _letter(path, filled, language)
    refuse_selling(letter, group, selling)
    return letter


@lru_cache(maxsize=8)
def letter_environment(folders: tuple[Path, ...]) -> LetterEnvironment:
    """Return Jinja for letters in these folders; it keeps what it has read while the files stay as they are."""
    from refertrack.drafts.sandbox import LetterEnvironment

    return LetterEnvironment(folders)


def _filled(environment: LetterEnvironment, file: str, fields: Mapping[str, object]) -> str:
    """Return the template's text with its fields filled in."""
    from jinja2 import TemplateError

    from refertrack.drafts.sandbox import begin

    begin(codes(str(fields[LANGUAGE_FIELD])))
    try:
        template = environment.get_template(file)
        return _joined(template.root_render_func(template.new_context(dict(fields))))
    except (LetterTrouble, TemplateError, RecursionError, SyntaxError, MemoryError, TypeError, ValueError) as error:
        raise explained(error, file, fields) from error


def _joined(pieces: Iterable[str]) -> str:
    """Join a letter's pieces as they come, so that one that grows without end is stopped early."""
    from refertrack.drafts.sandbox import MOST_CHARACTERS

    kept: list[str] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length > MOST_CHARACTERS:
            raise LetterTrouble(f"it is longer than {MOST_CHARACTERS:,} characters.", "Shorten it.")
    return "".join(kept)


def explained(error: Exception, file: str, fields: Mapping[str, object] | None = None) -> LetterTrouble:
    """Return what went wrong in a template as a sentence with the file, the line and what to do."""
    from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

    place = _place(error.__traceback__, file)
    hint = GRAMMAR
    match error:
        case LetterTrouble():
            words, hint = error.message, error.hint
        case UndefinedError():
            customer = (fields or {}).get("customer")
            known = customer.get("id") if isinstance(customer, Mapping) else None
            words, hint = f'"{error.message}" has no value.', fill_hint(str(error.message), known)
        case TemplateNotFound():
            words, hint = f'there is no file "{error.name}".', "Put it beside the letter."
        case TemplateSyntaxError():
            place = f"{Path(error.name or file).name}, line {error.lineno}"
            words = _sentence(error.message)
        case RecursionError() | SyntaxError() | MemoryError():
            words, hint = "it is nested too deeply.", "Make it simpler."
        case _:
            words = _sentence(str(error))
    return LetterTrouble(words if words.startswith(f"{file} ") else f"{place}: {words}", hint)


def _place(trace: TracebackType | None, file: str) -> str:
    """Return the innermost template and its line that a traceback runs through."""
    place = file
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            place = f"{template.name}, line {template.get_corresponding_lineno(trace.tb_lineno)}"
        trace = trace.tb_next
    return place


def _sentence(words: str | None) -> str:
    return f"{(words or 'it cannot be read').rstrip('.')}."


def _letter(path: Path, text: str, language: str) -> Letter:
    """Cut the subject from the body, and tidy the white space that conditions leave behind.

    Raises:
        LetterTrouble: the first line is no subject.

    """
    from refertrack.drafts.sandbox import BREAK

    first, _, rest = text.lstrip("\n").partition("\n")
    if not first.startswith("Subject:"):
        raise LetterTrouble(
            f"{path.name}, line 1: the letter does not begin with its subject.",
            'Write as its first line "Subject: …", then an empty line, then the letter.',
        )
    subject = _BLANKS.sub(" ", first.removeprefix("Subject:").replace(BREAK, " ")).strip()
    body = "\n".join(line.rstrip() for line in rest.replace(BREAK, "\n").split("\n"))
    body = re.sub(r"\n{3,}", "\n\n", body).strip("\n") + "\n"
    is_html = path.name.endswith(".html.j2")
    return Letter(html.unescape(subject) if is_html else subject, body, bare_name(path.name), path, language)

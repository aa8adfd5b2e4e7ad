"""Letters on their way out: to the screen, the clipboard, a mail program, a file or a folder of files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refertrack.cli.screen import Listing
from refertrack.rules.errors import FileTrouble, LetterTrouble, NotAllowed, RefertrackError, WrongUsage
from refertrack.rules.languages import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable

    from refertrack.cli.desk import Desk
    from refertrack.drafts.compose import Draft, Stationery, Wish


LETTER_FIELDS = ("id", "customer_id", "template", "language", "to", "to_name", "channel", "subject", "body")


@dataclass(frozen=True)
class Which:
    """Which of the letters that are due are wanted; what is left out matches all."""

    kind: str = ""
    segment: str = ""
    owner: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class Way:
    """Where letters go; the screen, if nothing is said."""

    copy: bool = False
    mailto: bool = False
    eml: str = ""
    force: bool = False

    def check(self) -> None:
        """See that one way is named at most.

        Raises:
            WrongUsage: several are.

        """
        if sum((self.copy, self.mailto, bool(self.eml))) > 1:
            raise WrongUsage("A letter goes one way at a time.", "One of: --copy, --mailto, --eml FILE.")


def one(desk: Desk, way: Way, draft: Draft, anyway: str) -> None:
    """Let one letter out."""
    way.check()
    record = _record(draft)
    if anyway:
        record["anyway"] = anyway
    _tell_missing(desk, [draft])
    if way.eml:
        _write(desk, way, draft, record)
    elif way.mailto:
        _link(desk, draft, record)
    elif way.copy:
        _copy(desk, draft, record)
    elif desk.screen.mode in {"json", "csv"}:
        desk.screen.record(record, lambda: None)
    else:
        desk.screen.text(_shown(draft))
        _then(desk, draft)


def all_due(desk: Desk, way: Way, stationery: Stationery, wish: Wish, which: Which) -> None:
    """Let out every letter that is due; those that cannot be written are told at the end.

    Raises:
        LetterTrouble: some could not be written; the others were.

    """
    way.check()
    make = partial(_message, desk) if way.eml else _mailto if way.mailto else _shown
    made, troubles = _due(desk, stationery, wish, which, make)
    if way.eml:
        _write_folder(desk, way, made)
    elif desk.screen.mode in {"json", "csv"}:
        extra = ("mailto",) if way.mailto else ()
        records = [{**_record(draft), "mailto": text} for draft, text in made]
        desk.screen.listing(Listing((*LETTER_FIELDS, *extra), records, ()))
    else:
        for number, (_, text) in enumerate(made):
            desk.screen.write(text) if way.mailto else desk.screen.text(f"{chr(10) if number else ''}{text}")
    _tell_missing(desk, [draft for draft, _ in made])
    if not made and not troubles:
        desk.screen.hint("No letter is due. Any letter: refertrack draft KIND CUSTOMER")
    if troubles:
        listed = "\n".join(f"  {number}: {error.message}" for number, error in troubles[:_TOLD])
        more = f"\n  … and {len(troubles) - _TOLD} more" if len(troubles) > _TOLD else ""
        raise LetterTrouble(
            f"{len(made)} of {len(made) + len(troubles)} letters are written; these are not:\n{listed}{more}",
            f"One by one: refertrack draft {troubles[0][0]}",
        )


_TOLD = 10


def _tell_missing(desk: Desk, drafts: list[Draft]) -> None:
    """Say which letters are not in their reader's language, once a language, and what to do about it."""
    missing = {draft.missing: draft for draft in reversed(drafts) if draft.missing}
    unknown = {draft.unknown: draft for draft in reversed(drafts) if draft.unknown}
    if not missing and not unknown:
        return
    from refertrack.rules.languages import language_name

    for words, first in sorted(unknown.items()):
        desk.screen.say(
            f'{first.customer}: "{words}" is no language, so the letter is in'
            f" {language_name(first.letter.language or ENGLISH)}. Give its name or its code:"
            f" refertrack edit-customer {first.customer_id} --language sv"
        )
    for code, first in sorted(missing.items()):
        kinds = sorted({draft.kind for draft in drafts if draft.missing == code})
        desk.screen.say(
            f"{', '.join(kinds)}: in {language_name(first.letter.language or ENGLISH)}, for there is none in"
            f" {language_name(code)}. One of your own: refertrack templates --copy-to-mine {first.kind}"
            f" --language {code}"
        )


def _due(
    desk: Desk, stationery: Stationery, wish: Wish, which: Which, make: Callable[[Draft], Any]
) -> tuple[list[tuple[Draft, Any]], list[tuple[int, RefertrackError]]]:
    """Return the letters that are due, each with what is made of it, and the items that got none, and why."""
    from refertrack.drafts.compose import for_item
    from refertrack.drafts.templates import base_of, find_letter
    from refertrack.reports.lists import DueFilter, due

    kind = base_of(find_letter(which.kind, stationery.mine).name) if which.kind else ""
    made: list[tuple[Draft, Any]] = []
    troubles: list[tuple[int, RefertrackError]] = []
    with desk.reading() as reader:
        items = due(reader, desk.today, DueFilter(segment=which.segment, owner=which.owner)).items
        wanted = [item for item in items if item["template"] and kind in {"", item["template"]}]
        for item in wanted[: which.limit]:
            try:
                draft = for_item(reader, item["id"], stationery, wish)
                made.append((draft, make(draft)))
            except RefertrackError as error:
                troubles.append((item["id"], error))
    return made, troubles


def _record(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.item["id"] if draft.item else None,
        "customer_id": draft.customer_id,
        "template": draft.letter.template,
        "language": draft.letter.language or ENGLISH,
        "to": draft.to_email,
        "to_name": draft.to_name,
        "channel": str(draft.channel),
        "subject": draft.letter.subject,
        "body": draft.letter.body,
    }


def _shown(draft: Draft) -> str:
    if draft.to == "us":
        return f"For us: {draft.letter.subject}\n\n{draft.letter.body.rstrip()}"
    to = draft.to_name + (f" <{draft.to_email}>" if draft.to_email else "")
    return f"To: {to}\nSubject: {draft.letter.subject}\n\n{draft.letter.body.rstrip()}"


def _then(desk: Desk, draft: Draft) -> None:
    if draft.item:
        once = "done" if draft.to == "us" else "sent"
        desk.screen.hint(f"Once it is {once}: refertrack done {draft.item['id']}")


def _message(desk: Desk, draft: Draft) -> bytes:
    from refertrack.drafts.outgoing import to_eml

    _by_mail(draft)
    config = desk.config
    sender = str(config.get("sender") or desk.context.author)
    return to_eml(
        draft.letter,
        draft.to_name,
        _address(draft),
        sender,
        str(config.get("sender_email", "")),
        now=desk.environment.now(),
    )


def _by_mail(draft: Draft) -> None:
    """Refuse mail to one who has closed it, whatever channel the letter was drafted for.

    Raises:
        NotAllowed: the customer has opted out of e-mail.

    """
    if draft.to == "customer" and draft.email_closed:
        raise NotAllowed(f"{draft.customer} has opted out of e-mail.", f"See: refertrack customer {draft.customer_id}")


def _address(draft: Draft) -> str:
    """Return the address of whoever reads the letter.

    Raises:
        LetterTrouble: none is known.

    """
    if draft.to_email:
        return draft.to_email
    hint = {
        "us": "Set yours: refertrack config set sender_email ADDRESS",
        "referred": 'Give it: --set referral.email="…"',
    }.get(draft.to, f"Set it: refertrack edit-customer {draft.customer_id} --email ADDRESS")
    raise LetterTrouble(f"{draft.to_name or 'You'} has no e-mail address on record.", hint)


def _write(desk: Desk, way: Way, draft: Draft, record: dict[str, Any]) -> None:
    from refertrack.store.files import check_target, safe_write

    if way.eml == "-":
        desk.screen.raw_text(_message(desk, draft).decode("ascii"))
        return
    path = Path(way.eml)
    check_target(path, force=way.force)
    safe_write(path, _message(desk, draft), force=way.force)
    desk.screen.changed(f"Written: {path}, a mail to {draft.to_name}.", {**record, "file": str(path)})
    _then(desk, draft)


def _write_folder(desk: Desk, way: Way, made: list[tuple[Draft, bytes]]) -> None:
    """Write a file for each letter; nothing is written where one of them may not be.

    Raises:
        FileTrouble: the folder cannot be used, a file is there already, or the disk is full; what was written before
            that is told.

    """
    from refertrack.store.files import check_target, private_folder, safe_write

    folder = Path(way.eml)
    if way.eml == "-" or folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FileTrouble(f"{folder} is no folder.", "Name a folder: refertrack draft --all --eml letters")
    if made:
        try:
            private_folder(folder)
        except OSError as error:
            raise FileTrouble(f"{folder} cannot be made: {error.strerror}.", "Choose another place.") from error
    files = [(folder / _file_name(draft), draft, message) for draft, message in made]
    for path, _, _ in files:
        check_target(path, force=way.force)
    written: list[tuple[str, dict[str, Any]]] = []
    try:
        for path, draft, message in files:
            safe_write(path, message, force=way.force)
            written.append((f"Written: {path}, to {draft.to_name}.", {**_record(draft), "file": str(path)}))
    except FileTrouble as error:
        if not written:
            raise
        raise FileTrouble(
            f"{error.message} Of {len(files)} letters {len(written)} are written.",
            "Make room, and write all of them again with --force.",
        ) from error
    finally:
        if written or not files:
            desk.screen.changes(written)


def _file_name(draft: Draft) -> str:
    """Return a file's name that sorts by item and says for whom it is."""
    from refertrack.rules.names import key

    who = "-".join("".join(sign if sign.isalnum() else " " for sign in key(draft.customer)).split())[:40]
    number = draft.item["id"] if draft.item else draft.customer_id
    return f"{number}-{draft.kind}-{who or 'customer'}.eml"


def _mailto(draft: Draft) -> str:
    from refertrack.drafts.outgoing import mailto

    _by_mail(draft)
    return mailto(draft.letter, _address(draft))


def _link(desk: Desk, draft: Draft, record: dict[str, Any]) -> None:
    """Open the letter in the person's mail program; off a terminal, print the link."""
    link = _mailto(draft)
    if desk.screen.mode in {"json", "csv"}:
        desk.screen.record({**record, "mailto": link}, lambda: None)
        return
    if desk.screen.mode == "table" and desk.screen.interactive:
        import typer

        if typer.launch(link) == 0:
            desk.screen.say(f"Opened in your mail program: a letter to {draft.to_name}.")
            _then(desk, draft)
            return
    desk.screen.write(link)
    _then(desk, draft)


def _copy(desk: Desk, draft: Draft, record: dict[str, Any]) -> None:
    """Put the letter's text into the clipboard.

    Raises:
        LetterTrouble: there is no clipboard within reach.

    """
    import pyperclip

    try:
        pyperclip.copy(draft.letter.body)
    except pyperclip.PyperclipException as error:
        raise LetterTrouble(
            "There is no clipboard within reach here.",
            "On Linux install wl-clipboard, xclip or xsel; or write a file: --eml FILE",
        ) from error
    desk.screen.changed(f"Copied: the letter to {draft.to_name}. Its subject: {draft.letter.subject}", record)
    _then(desk, draft)

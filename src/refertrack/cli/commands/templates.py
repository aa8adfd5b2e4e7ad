"""The letters that can be drafted: which there are, what they need, and a person's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.complete import complete_template
from refertrack.cli.desk import Desk, own_templates
from refertrack.cli.screen import Column, Listing, Record
from refertrack.rules.errors import LetterTrouble, WrongUsage

if TYPE_CHECKING:
    from refertrack.drafts.templates import TemplateInfo
    from refertrack.drafts.usage import FieldUse

TEMPLATE_FIELDS = ("name", "title", "about", "to", "purpose", "language", "mine", "path")
LISTED_FIELDS = (*TEMPLATE_FIELDS, "languages")
_READERS = {"customer": "customer", "referred": "person referred", "friend": "their friend", "us": "us"}
_NEEDS = {2: "needed", 1: "sometimes", 0: "optional"}


def templates(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One letter.", autocompletion=complete_template)
    ] = None,
    copy: Annotated[
        str | None,
        typer.Option(
            "--copy-to-mine",
            metavar="NAME",
            help="Make a copy of your own, which wins.",
            autocompletion=complete_template,
        ),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", metavar="CODE", help="With --copy-to-mine: for customers of this language.")
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="Say what is wrong, in one letter or in all.")] = False,
    path: Annotated[
        bool, typer.Option("--path", help="Print where your own letters are, or where this one is.")
    ] = False,
) -> None:
    """The letters: their fields and text, your own copies, and what is wrong.

    Example: refertrack templates --copy-to-mine thank_you_card
    """
    desk = Desk(ctx)
    if sum((copy is not None, check, path)) > 1 or (copy is not None and name is not None):
        raise WrongUsage("That is too much at once.", "One of: NAME, --copy-to-mine NAME, --check, --path.")
    if copy is not None:
        _copy(desk, copy, language)
    elif check:
        _check(desk, name)
    elif path:
        _path(desk, name)
    elif name is not None:
        _show(desk, name)
    else:
        _list(desk)


def _list(desk: Desk) -> None:
    """List the letters, each once with the languages that it is there in, and a person's own."""
    from refertrack.drafts.templates import languages_of, list_templates, plain_name

    found = list_templates(own_templates(desk))
    shown = [
        {**_record(info), "languages": ", ".join(languages_of(plain_name(info), found))}
        for info in found
        if info.mine or info.name == plain_name(info)
    ]
    columns = (
        Column("letter", lambda row: f"{row['name']}\n{row['title']}"),
        Column("read by, in", _read_by),
        Column("about", lambda row: row["about"]),
    )
    desk.screen.listing(Listing(LISTED_FIELDS, shown, columns))
    desk.screen.hint("refertrack templates thank_you_card · refertrack templates --copy-to-mine thank_you_card")


def _read_by(row: Record) -> str:
    """Say who reads a letter, whether it is the user's own, and in which languages it is there."""
    whose = " (yours)" if row["mine"] else ""
    return f"{_READERS.get(row['to'], row['to'])}{whose}\n{row['languages'].replace(',', '')}"


def _record(info: TemplateInfo) -> dict[str, Any]:
    return {name: getattr(info, name) for name in TEMPLATE_FIELDS[:-1]} | {"path": str(info.path)}


def _show(desk: Desk, name: str) -> None:
    """Show a letter's fields and its text."""
    from refertrack.drafts.templates import template_info
    from refertrack.drafts.usage import fields_of

    mine = own_templates(desk)
    info = template_info(name, mine)
    fields = [_field(use) for use in fields_of(name, mine)]
    text = info.path.read_text(encoding="utf-8-sig")
    record = {**_record(info), "fields": fields, "text": text}
    desk.screen.record(record, lambda: _paint(desk, info, fields, text))


def _field(use: FieldUse) -> dict[str, Any]:
    from refertrack.drafts.catalogue import FIELDS

    known = FIELDS.get(use.name)
    return {
        "field": use.name,
        "need": _NEEDS[int(use.need)],
        "kind": known.kind if known else "",
        "words": known.words if known else "there is no such field",
        "fill": known.fill if known else "",
    }


def _paint(desk: Desk, info: TemplateInfo, fields: Sequence[Record], text: str) -> None:
    screen = desk.screen
    screen.heading(f"{info.name}: {info.title}")
    screen.line(f"{info.about}. Read by: {_READERS.get(info.to, info.to)}. {'Yours' if info.mine else 'Shipped'}:")
    screen.line(str(info.path))
    screen.line()
    columns = (
        Column("field", lambda row: row["field"]),
        Column("", lambda row: row["need"]),
        Column("what", lambda row: row["words"]),
        Column("give it", lambda row: row["fill"].removeprefix("refertrack ")),
    )
    screen.listing(Listing(("field",), fields, columns))
    screen.line()
    screen.text(text.rstrip())
    screen.hint(
        f"refertrack draft {info.base} CUSTOMER"
        + ("" if info.mine else f" · your own: refertrack templates --copy-to-mine {info.name}")
    )


def _copy(desk: Desk, name: str, language: str) -> None:
    """Copy a letter; where the business's letters are in a language, in that one."""
    from refertrack.drafts.templates import copy_to_mine, info_of, ships_in

    begun = desk.target.path is None or desk.target.path.exists()
    usual = desk.business.language if begun and not language else ""
    path = copy_to_mine(name, own_templates(desk), language=language or (usual if ships_in(name, usual) else ""))
    desk.screen.changed(f"Yours now: {path}. Change it there; it wins over the shipped one.", _record(info_of(path)),
                        f"See whether it is right: refertrack templates {info_of(path).name} --check")  # fmt: skip


def _check(desk: Desk, name: str | None) -> None:
    """Say what is wrong in the letters.

    Raises:
        LetterTrouble: something is.

    """
    from refertrack.drafts.templates import list_templates, template_info
    from refertrack.drafts.usage import check

    mine = own_templates(desk)
    names = [template_info(name, mine).name] if name else [info.name for info in list_templates(mine)]
    problems = [
        {"name": each, "problem": error.message, "hint": error.hint} for each in names for error in check(each, mine)
    ]
    columns = (Column("problem", lambda row: row["problem"]), Column("what to do", lambda row: row["hint"]))
    desk.screen.listing(Listing(("name", "problem", "hint"), problems, columns))
    counted = f"{len(names)} letter{'s' if len(names) != 1 else ''}"
    if problems:
        wrong = len({problem["name"] for problem in problems})
        raise LetterTrouble(f"Of {counted}, {wrong} cannot be used as they are.", "Mend the lines, then check again.")
    desk.screen.say(f"{counted}, nothing wrong.")


def _path(desk: Desk, name: str | None) -> None:
    from refertrack.drafts.templates import LETTERS, template_info

    mine = own_templates(desk)
    found = template_info(name, mine).path if name else mine / LETTERS
    if desk.screen.mode in {"json", "csv"}:
        desk.screen.record({"path": str(found), "exists": found.exists()}, lambda: None)
    else:
        desk.screen.text(str(found))

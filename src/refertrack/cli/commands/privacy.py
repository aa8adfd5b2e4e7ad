"""A person's rights: to see what is kept on them, and to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.commands.common import CustomerArg, find_customer
from refertrack.cli.desk import Desk
from refertrack.rules.errors import Declined, Kept, NotFound, StoreTrouble, WrongUsage
from refertrack.rules.text import safe_json

if TYPE_CHECKING:
    from refertrack.store.persons import Person
    from refertrack.store.purge import Swept
    from refertrack.workflows.privacy import Forgotten


def export_customer(
    ctx: typer.Context,
    who: CustomerArg,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Where to; printed if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """All that is kept on a person, as JSON.

    Example: refertrack export-customer hanna hanna.json
    """
    desk = Desk(ctx)
    from refertrack.reports.person import everything
    from refertrack.store.engine import reading

    found = find_customer(desk, who)
    with reading(desk.target) as connection:
        kept = everything(connection, found["id"])
    text = json.dumps(kept, ensure_ascii=False, indent=2)
    if file is None or file == "-":
        desk.screen.write(safe_json(text))
        return
    from refertrack.store.files import safe_write

    place = Path(file).expanduser()
    safe_write(place, f"{text}\n".encode(), force=force)
    rows = {name: len(rows) for name, rows in kept.items()}
    words = ", ".join(f"{count} {name}" for name, count in rows.items())
    record = {"id": found["id"], "file": str(place), "rows": rows}
    desk.screen.changed(f"Written to {place}: {words}.", record)


def forget_customer(
    ctx: typer.Context,
    who: CustomerArg,
    confirm: Annotated[str, typer.Option("--confirm", metavar="NAME", help="The customer's whole name.")] = "",
    purge_backups: Annotated[
        bool, typer.Option("--purge-backups", help="Write the backups anew without the person, too.")
    ] = False,
) -> None:
    """Erase a person everywhere, in the history too; it cannot be taken back.

    Example: refertrack forget-customer hanna --confirm "Hanna Berg" --purge-backups
    """
    desk = Desk(ctx)
    number, name = _whom(desk, who)
    _confirm(desk, name, confirm)
    from refertrack.store.purge import compact

    forgotten = _erase(desk, number, name)
    traces = compact(desk.target)
    swept = _backups(desk, forgotten.who, purge=purge_backups)
    _say(desk, forgotten, swept)
    _troubles(forgotten, [*([traces] if traces else []), *swept.troubles])


def _erase(desk: Desk, number: int, name: str) -> Forgotten:
    """Erase a person, or see whom the backups are to be searched for; say what is left where that ends in between."""
    from refertrack.workflows.privacy import forget, forgotten_before

    try:
        with desk.writing() as (session, _):
            return forget(session, number) if name else forgotten_before(session, number)
    except Kept as error:
        if desk.target.path is not None:
            error.add(
                "Traces in the file and backups may still hold them; go on with:"
                f" refertrack forget-customer {number} --purge-backups"
            )
        raise


def _whom(desk: Desk, text: str) -> tuple[int, str]:
    """Return whom to forget; no name where it was done before, and only backups are left to see to."""
    try:
        found = find_customer(desk, text)
    except NotFound:
        if text.isdecimal():
            with desk.reading() as reader:
                row = reader.row("SELECT id FROM customer WHERE id = :id AND status = 'erased'", id=int(text))
            if row is not None:
                return int(text), ""
        raise
    return found["id"], found["name"]


def _confirm(desk: Desk, name: str, typed: str) -> None:
    """See that the person means it: the whole name, typed again.

    Raises:
        WrongUsage: nobody can be asked, and no name was given.
        Declined: another name was given.

    """
    if not name:
        return
    if not typed and not desk.screen.interactive:
        raise WrongUsage(f"Erasing {name} cannot be taken back.", f'Type the whole name again: --confirm "{name}"')
    typed = typed or desk.screen.ask(f"Erasing cannot be taken back. Type the whole name, {name}, to do it")
    if " ".join(typed.split()) != " ".join(name.split()):
        raise Declined(f'"{typed}" is not "{name}". Nothing was changed.')


def _backups(desk: Desk, who: Person, *, purge: bool) -> Swept:
    """Write the backups anew, or see which of them still hold the person."""
    from refertrack.store import purge as sweeping

    if desk.target.path is None:
        return sweeping.Swept()
    if purge:
        return sweeping.purge(desk.target.path, who, desk.context)
    return sweeping.holding(desk.target.path, who)


def _say(desk: Desk, forgotten: Forgotten, swept: Swept) -> None:
    number, rows = forgotten.who.ids[0], sum(forgotten.rows.values())
    lines = [f"Erased: customer {number}; {rows} rows were cleared. It cannot be taken back."] if rows else []
    if swept.anew:
        lines.append(f"Written anew without them: {len(swept.anew)} backup{'s' if len(swept.anew) > 1 else ''}.")
    if swept.holding:
        lines += ["These backups still hold them:", *(f"  {place}" for place in swept.holding)]
        lines.append(f"Write them anew, too: refertrack forget-customer {number} --purge-backups")
    if desk.target.path is None:
        lines.append("The server's own backups and logs may still hold them: see its documentation.")
    else:
        lines.append("Copies, letters and exports that you keep elsewhere are yours to delete.")
    record = {
        "id": number,
        "rows": dict(forgotten.rows),
        "backups_purged": [str(place) for place in swept.anew],
        "backups_holding": [str(place) for place in (*swept.holding, *swept.unsure)],
    }
    desk.screen.changed("\n".join(lines), record)


def _troubles(forgotten: Forgotten, troubles: Sequence[str]) -> None:
    """Say what could not be done after the erasing.

    Raises:
        StoreTrouble: there is something; the person is erased all the same.

    """
    if not troubles:
        return
    number = forgotten.who.ids[0]
    raise StoreTrouble(
        "\n".join((f"Customer {number} is erased from the database, but not everything went well:", *troubles)),
        "See to that (make room, delete what is damaged or no backup), and go on:"
        f" refertrack forget-customer {number} --purge-backups",
    )

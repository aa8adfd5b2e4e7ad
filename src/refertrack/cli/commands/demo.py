"""The sample business, and a walk through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.desk import Desk
from refertrack.rules.errors import FileTrouble
from refertrack.store.target import Target

if TYPE_CHECKING:
    from pathlib import Path

    from refertrack.workflows.demo import Sample


def demo(
    ctx: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Walk through the sample as you left it.")] = False,
) -> None:
    """Look around in a sample business, in a database of its own.

    Example: refertrack demo
    """
    desk = Desk(ctx)
    path = _place(desk)
    desk.use(Target(path=path))
    sample = _sample(desk, path, keep=keep)
    if desk.screen.mode == "json":
        desk.screen.record({"database": str(path), "customers": sample.customers, "referrals": sample.referrals}, _none)
        return
    desk.screen.mode, desk.screen.paged = "table", False
    _walk(desk, path, sample)


def _none() -> None:
    """Show nothing more than the record."""


def _place(desk: Desk) -> Path:
    """Return where the sample is kept: what --db names, else beside the user's own database, under its own name."""
    from pathlib import Path

    return (
        Path(desk.options.db).expanduser().absolute() if desk.options.db else desk.environment.data_folder() / "demo.db"
    )


def _sample(desk: Desk, path: Path, *, keep: bool) -> Sample:
    from refertrack.store.engine import discard
    from refertrack.store.reader import open_reader
    from refertrack.workflows import demo as sample
    from refertrack.workflows.demo import Sample

    if path.exists():
        with open_reader(desk.target) as reader:
            ours = reader.value("SELECT author FROM command WHERE name = 'demo' ORDER BY id LIMIT 1")
            counted = [reader.value(f"SELECT count(*) FROM {table}") for table in ("customer", "referral")]  # noqa: S608
        if ours is None and counted[0]:
            raise FileTrouble(f"{path} holds customers of yours.", "Choose another file for the sample with --db.")
        if keep:
            return Sample(counted[0], counted[1], None)
        discard(path)
    desk.screen.say("Setting up a sample business: Lind Heating …")
    from refertrack.store.settings import save_document

    with desk.writing() as (session, _):
        save_document(session, "business", sample.BUSINESS)
        save_document(session, "segments", sample.SEGMENTS)
    desk.use(Target(path=path))
    with desk.writing() as (session, _):
        return sample.build(session)


def _walk(desk: Desk, path: Path, sample: Sample) -> None:
    """Show the morning's list, a letter and the report, and what to type next."""
    from refertrack.cli.commands.drafting import show_item
    from refertrack.cli.report_page import show
    from refertrack.cli.tables import due_page
    from refertrack.reports import catalogue
    from refertrack.reports.frame import View
    from refertrack.reports.lists import DueFilter, due
    from refertrack.rules.periods import period

    screen, command = desk.screen, f"refertrack --db {path}"
    screen.line()
    screen.heading(f"Lind Heating, a sample of {sample.customers} customers and {sample.referrals} referrals.")
    screen.line()
    screen.line("Every morning: whom to contact, and why.  $ refertrack due")
    screen.line()
    with desk.reading() as reader:
        found = due(reader, desk.today, DueFilter())
        due_page(desk, found)
        number = sample.first_item or (found.items[0]["id"] if found.items else None)
        if number is not None:
            screen.line()
            screen.line(f"A letter, drafted from what is known.  $ refertrack draft {number}")
            screen.line()
            show_item(desk, reader, number)
    screen.line()
    screen.line("Who refers, and who does not.  $ refertrack report --by segment")
    screen.line()
    with desk.reporting() as reader:
        show(desk, catalogue.ask("referrals", "segment", View(reader, period(None, None, desk.today), desk.today)))
    screen.line()
    screen.line("Look around; nothing here is real, and your own customers are kept elsewhere:")
    for words in ("due", "customer marta", f'done {number} --note "all there"', "undo"):
        screen.line(f"  {command} {words}")
    screen.line("Then begin with your own: refertrack add-customer, or refertrack import customers FILE.csv")

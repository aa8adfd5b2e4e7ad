"""The sample business, and a walk through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from refertrack.cli.desk import Desk
from refertrack.rules.errors import Declined, FileTrouble, WrongUsage
from refertrack.store.opening import is_there
from refertrack.store.target import Target, parse_target

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
    sample, kept = _sample(desk, path, keep=keep)
    if kept is not None:
        desk.screen.say(f"What was there is kept: {kept}")
    if desk.screen.mode == "json":
        record = {"database": str(path), "customers": sample.customers, "referrals": sample.referrals}
        desk.screen.record(record | {"replaced": str(kept) if kept else None}, _none)
        return
    desk.screen.mode, desk.screen.paged = "table", False
    _walk(desk, path, sample)


def _none() -> None:
    """Show nothing more than the record."""


def _place(desk: Desk) -> Path:
    """Return where the sample is kept: what --db names, else beside the user's own database, under its own name.

    Raises:
        WrongUsage: a server is named.

    """
    if not desk.options.db:
        return desk.environment.data_folder() / "demo.db"
    path = parse_target(desk.options.db).path
    if path is None:
        raise WrongUsage("The sample business is kept in a file.", "Name one with --db, or leave it out.")
    return path


def _sample(desk: Desk, path: Path, *, keep: bool) -> tuple[Sample, Path | None]:
    """Return the sample, set up anew or as it was left, and where what stood in its place is kept."""
    from refertrack.store.engine import writing
    from refertrack.store.renewal import renew
    from refertrack.workflows import demo as sample

    if is_there(path):
        with desk.reading() as reader:
            found = sample.standing(reader)
        if not found.ours and found.commands:
            raise FileTrouble(f"{path} holds a business of yours.", "Choose another file for the sample with --db.")
        if keep and found.ours:
            return sample.Sample(found.customers, found.referrals, None), None
        _sure(desk, path, found.commands)
    desk.screen.say("Setting up a sample business: Lind Heating …")

    def fill(target: Target) -> Sample:
        desk.use(target)
        with writing(target, desk.context) as session:
            sample.settle(session)
        desk.use(target)  # by the rules that were just written
        with writing(target, desk.context) as session:
            return sample.build(session)

    made = renew(path, fill, desk.environment.now(), lambda reader: not sample.standing(reader).commands)
    desk.use(Target(path=path))
    return made


def _sure(desk: Desk, path: Path, commands: int) -> None:
    """Ask before a sample in which somebody has worked is replaced.

    Raises:
        Declined: the person said no, or nobody can be asked and no ``--yes`` was given.

    """
    if not commands or desk.options.yes:
        return
    words = f"{path} has been worked in since the sample was set up: {commands} command{'s' * (commands > 1)}."
    if not desk.screen.interactive:
        raise Declined(
            f"{words} Nothing was changed.",
            "See it as it is: refertrack demo --keep. A new sample elsewhere: --db FILE; here, with what is there kept"
            " among the backups: --yes",
        )
    if not desk.screen.confirm(f"{words} Put a new sample in its place? What is there is kept among the backups."):
        raise Declined("Nothing was changed.")


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

"""What a command works with: options, configuration, the day, the database and the screen, built once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer import Context as CommandContext

from refertrack.cli.environment import Environment
from refertrack.cli.options import options_of
from refertrack.cli.screen import Screen
from refertrack.rules.dates import far_off, local_today, parse_date
from refertrack.rules.errors import BadValue, Declined, RefertrackError, WrongUsage
from refertrack.store.reader import Reader, open_reader
from refertrack.store.schema import OldSchema
from refertrack.store.target import Target, parse_target

if TYPE_CHECKING:
    from sqlmodel import Session

    from refertrack.rules.business import Business
    from refertrack.rules.context import Context

FELT_SECONDS = 0.3  # what is done before nobody has waited for


class Desk:
    """One command's surroundings; everything is read when it is first needed."""

    def __init__(self, command: CommandContext) -> None:
        self.name = command.info_name or "refertrack"
        self.options = options_of(command)
        self.environment = Environment.of_process()
        self.screen = Screen(self.environment, self.options, self._wished_colour)
        command.call_on_close(self.screen.close)
        self._target: Target | None = None

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The user's own configuration."""
        return self.environment.config()

    def _wished_colour(self) -> str:
        """The person's own wish for colour; a file that cannot be read wishes nothing (its reader will say so)."""
        try:
            return str(self.config.get("color", ""))
        except RefertrackError:
            return ""

    @property
    def target(self) -> Target:
        """The database: ``--db``, else REFERTRACK_DB, else the configuration, else the user's data folder."""
        if self._target is None:
            named = self.options.db or self.environment.get("REFERTRACK_DB") or self.config.get("database", "")
            self._target = parse_target(named or str(self.environment.data_folder() / "refertrack.db"))
        return self._target

    def use(self, target: Target) -> None:
        """Work on another database from here on (the demo's own)."""
        self._target = target
        for read_before in ("documents", "business", "today", "context"):
            self.__dict__.pop(read_before, None)

    @cached_property
    def business(self) -> Business:
        """The rules of the business, from the database.

        Raises:
            StoreTrouble: what is kept there does not read as its grammar has it, so it was never saved by a command.

        """
        from refertrack.store.settings import load_business

        try:
            return load_business(self.documents, currency=self.environment_currency)
        except BadValue as error:
            from refertrack.store.integrity import not_ours

            raise not_ours(self.target, error.message.rstrip(".")) from error

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """What the business has written itself, by the documents' names."""
        from refertrack.store.settings import stored_documents

        with self.reading() as reader:
            return stored_documents(reader.rows)

    @cached_property
    def environment_currency(self) -> str:
        """The currency of the locale's country, else EUR."""
        country = self.environment.country()
        if not country:
            return "EUR"
        from refertrack.rules.currencies import currency_of

        return currency_of(country)

    @cached_property
    def today(self) -> date:
        """The day: ``--today``, else REFERTRACK_TODAY, else the local date of the business's time zone."""
        given = self.options.today or self.environment.get("REFERTRACK_TODAY")
        here = local_today("", self.environment.now())
        if not given:
            return local_today(self._zone(), self.environment.now())
        day = parse_date(given, here, field="today")
        if far_off(day, here):
            raise BadValue(f"{day.isoformat()} is more than 120 years off.", "Give a day near today.", field="today")
        return day

    def _zone(self) -> str:
        return self.business.zone

    @cached_property
    def context(self) -> Context:
        """The frozen context that workflows get."""
        from refertrack.rules.context import Context

        author = self.environment.get("REFERTRACK_AUTHOR") or self.config.get("author") or self.environment.user()
        return Context(self.today, self.environment.now(), str(author), self.name, self.business)

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[Reader]:
        """Open the database for the everyday lists; make or migrate it first where needed."""
        try:
            with open_reader(self.target, snapshot=snapshot) as reader:
                yield reader
                return
        except OldSchema:
            self._prepare()
        with open_reader(self.target, snapshot=snapshot) as reader:
            yield reader

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, Context]]:
        """Open a session in one transaction for a command that changes something."""
        context = self.context
        self._backup_of_the_day()
        from refertrack.store.engine import writing

        settle()
        with writing(self.target, context) as session:
            yield session, context

    def _backup_of_the_day(self) -> None:
        path = self.target.path
        if path is None:
            return
        from refertrack.store.backup import daily

        self.tell_of_waiting()
        day = local_today(self._zone(), self.environment.now())
        daily(path, day, self.progress("The day's backup"))

    def tell_of_waiting(self) -> None:
        """Let the person know, on a terminal, that another command sees to the backups, once the wait is felt."""
        from refertrack.store.locks import tell_by

        if self.screen.terminal and not self.screen.quiet:
            tell_by(self.screen.say)

    def progress(self, words: str) -> Callable[[int, int], None] | None:
        """Return what shows how far a long piece of work is: on a terminal, once it is felt; else nothing."""
        screen = self.screen
        if not screen.terminal or screen.quiet:
            return None
        import time

        began, shown = time.monotonic(), -1

        def tell(done: int, total: int) -> None:
            nonlocal shown
            percent = 100 * done // total if total else shown
            if percent != shown and time.monotonic() - began > FELT_SECONDS:
                shown = percent
                screen.err.write(f"\r{words}: {percent} %" + ("\n" if done >= total else ""))
                screen.err.flush()

        return tell

    @contextmanager
    def reporting(self) -> Iterator[Reader]:
        """Open the database for reports, which see one moment of it."""
        settle()
        with self.reading(snapshot=True) as reader:
            yield reader

    def day(self, text: str | None, *, field: str, prefer: str = "future") -> date | None:
        """Read a date as it was typed; asks (or refuses) where it is more than 120 years off.

        Raises:
            BadValue: it is no date.

        """
        if not text:
            return None
        day = parse_date(text, self.today, field=field, prefer=prefer, order=self.date_order)
        if far_off(day, self.today):
            self.sure(f"{day.isoformat()} is more than 120 years off. Is it right?")
        return day

    @property
    def date_order(self) -> str:
        """The order in which 3/4/2026 is read."""
        return self.business.date_order

    def sure(self, question: str) -> None:
        """Ask before something weighty; ``--yes`` answers.

        Raises:
            Declined: the person said no, or nobody can be asked and no ``--yes`` was given.

        """
        if self.options.yes:
            return
        if not self.screen.interactive:
            raise Declined(question, "Nothing was changed. Answer with --yes.")
        if not self.screen.confirm(question):
            raise Declined("Nothing was changed.")

    def needed(self, value: str | None, question: str, option: str, default: str = "") -> str:
        """Return a value that a command needs; on a terminal it is asked for.

        Raises:
            WrongUsage: it is missing and nobody can be asked.

        """
        if value is not None and value.strip():
            return value
        missing = f'"{question}" is not answered.' if question.endswith("?") else f"{question} is missing."
        answer = self.screen.ask(question, default) if self.screen.interactive else ""
        if not answer:
            raise WrongUsage(missing, f"Give {option}.")
        return answer

    def asked(self, question: str, default: str = "", check: Callable[[str], str] | None = None) -> str:
        """Ask for a value on a terminal until it is of its kind; Enter takes the default, a lone "-" nothing."""
        while True:
            answer = self.screen.ask(question, default)
            if answer == "-":
                return ""
            if check is None or not answer or answer == default:
                return answer
            try:
                return check(answer)
            except BadValue as error:
                self.screen.error(error)

    def _prepare(self) -> None:
        from refertrack.store.engine import prepare

        if prepare(self.target):
            self.screen.say(f"New database: {self.target.words}")


def settle() -> None:
    """Begin to collect garbage, now that all is loaded; what is loaded stays, and is not looked through again.

    Rows are many and hold no circles: they go as soon as nobody needs them, without being looked for.
    """
    if not gc.isenabled():
        gc.set_threshold(200_000, 50, 50)
        gc.freeze()
        gc.enable()


def own_templates(desk: Desk) -> Path:
    """Return the folder where the user's own letters are kept."""
    return desk.environment.config_path().parent / "templates"

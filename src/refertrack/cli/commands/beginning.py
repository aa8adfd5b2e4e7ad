"""The first steps: the business and its person are set up, one question at a time or by options."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.desk import Desk
from refertrack.rules.errors import BadValue, FileTrouble, Kept, RefertrackError
from refertrack.rules.preferences import BUSINESS, BY_KEY, check_days
from refertrack.store import deeds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refertrack.rules.segments import Segments

QUESTIONS = (
    ("name", "The name of your business"),
    ("sender", "Your name, as letters are signed"),
    ("sender_email", "Your e-mail address, as letters are signed"),
    ("sender_phone", "Your phone number, as letters are signed"),
    ("currency", "The currency you sell in"),
    ("country", "Your country"),
    ("zone", "Your time zone"),
    ("language", "The language of your letters, where a customer's is not known"),
)


@dataclass
class Answers:
    """What is to be set: settings by key, groups with their values, and the first file to read."""

    settings: dict[str, str] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    file: str = ""


def init(
    ctx: typer.Context,
    business: Annotated[str | None, typer.Option("--business", metavar="NAME", help="Your business's name.")] = None,
    sender: Annotated[str | None, typer.Option("--sender", metavar="NAME", help="Your name under letters.")] = None,
    sender_email: Annotated[
        str | None, typer.Option("--sender-email", metavar="ADDRESS", help="Your e-mail under letters.")
    ] = None,
    sender_phone: Annotated[
        str | None, typer.Option("--sender-phone", metavar="NUMBER", help="Your phone number under letters.")
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="EUR, SEK, …")] = None,
    country: Annotated[str | None, typer.Option("--country", metavar="NAME", help="Sweden, or SE.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", metavar="NAME", help="Europe/Stockholm, …")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Of letters where a customer's is not known.")
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", metavar="NAME[:DAYS[:DAYS]]", help="A group: in touch after, lost after; repeat."),
    ] = None,
    file: Annotated[str, typer.Option("--import", metavar="FILE", help="A first file with your customers.")] = "",
) -> None:
    """Set up your business, step by step; everything can be left out.

    Example: refertrack init --business "Lind Heating" --currency SEK --segment Retail:60:150
    """
    desk = Desk(ctx)
    given = {"name": business, "sender": sender, "sender_email": sender_email, "sender_phone": sender_phone,
             "currency": currency, "country": country, "zone": zone, "language": language}  # fmt: skip
    answers = Answers({key: BY_KEY[key].check(value) for key, value in given.items() if value is not None}, file=file)
    for words in segment or []:
        name, values = group(words)
        answers.groups[name] = values
    if not (answers.settings or answers.groups or file) and desk.screen.interactive:
        ask(desk, answers)
    save(desk, answers)
    if answers.file:
        _import(ctx, answers.file)


def _import(ctx: typer.Context, file: str) -> None:
    """Read the first file; what goes wrong there leaves the business as it was just set up, and says no other thing."""
    from refertrack.cli.commands.importing import import_

    set_up = deeds.begun()
    try:
        import_(ctx, file)
    except RefertrackError as error:
        if set_up:
            error.message, error.hint = (
                words.replace("Nothing was changed", "Nothing was imported") for words in (error.message, error.hint)
            )
        raise


def group(words: str) -> tuple[str, dict[str, Any]]:
    """Read a group as an option has it: Retail, Retail:60 or Retail:60:150.

    Raises:
        BadValue: it has no name, or days that are none.

    """
    name, *days = (part.strip() for part in words.split(":"))
    if not name or len(days) > 2:
        raise BadValue(f'"{words}" is no group.', "Like this: --segment Retail:60:150", field="segment")
    keys = ("keep_in_touch_days", "lost_touch_days")
    return name, {key: int(check_days(value)) for key, value in zip(keys, days, strict=False) if value}


def ask(desk: Desk, answers: Answers) -> None:
    """Ask for everything, one question at a time; Enter takes what is shown."""
    from refertrack.cli.commands.settings import row

    desk.screen.say('Enter takes what is shown in brackets, "-" nothing; all can be changed later: refertrack config')
    for key, question in QUESTIONS:
        shown = row(desk, BY_KEY[key])["value"] or (desk.environment.country() if key == "country" else "")
        answers.settings[key] = desk.asked(question, shown, BY_KEY[key].check)
    known = desk.business.segments
    names = desk.asked("Groups of customers, with commas between", ", ".join(each.name for each in known.own))
    for name in (part.strip() for part in names.split(",")):
        if name:
            answers.groups[name] = ask_group(desk, name, known)
    answers.file = desk.asked("A file with your customers (CSV), or nothing")


def ask_group(desk: Desk, name: str, known: Segments) -> dict[str, Any]:
    """Ask for a group's intervals and prospects; what is everybody's is not written down again."""
    now = known.of(name)
    found: dict[str, Any] = {}
    for key, question in (
        ("keep_in_touch_days", "in touch again after how many days"),
        ("lost_touch_days", "lost after"),
    ):
        usual = str(getattr(now, key))
        answer = desk.asked(f"{name}: {question}", usual, check_days) or usual
        if int(answer) != getattr(known.every, key):
            found[key] = int(answer)
    prospects = desk.asked(f"{name}: whom can they best think of", now.prospects)
    return found | ({"prospects": prospects} if prospects else {})


def save(desk: Desk, answers: Answers) -> None:
    """Keep the business's settings in the database, in one change; the person's own in their file."""
    from refertrack.cli.personal import save as save_personal

    personal = {key: value for key, value in answers.settings.items() if BY_KEY[key].whose != BUSINESS}
    business = {key: value for key, value in answers.settings.items() if key not in personal}
    left = dict(personal)
    try:
        set_up = _save_business(desk, business, answers.groups)
    except Kept as error:
        commands = _left(left, answers.file)
        error.add(f"Then what is left: {commands}" if commands else "")
        raise
    for key, value in personal.items():
        try:
            save_personal(desk.environment, key, value or None)
        except RefertrackError as error:
            if not set_up and len(left) == len(personal):
                raise
            raise _half(desk, error, left, answers.file) from error
        del left[key]
    desk.__dict__.pop("config", None)
    desk.use(desk.target)
    record: dict[str, Any] = {key: answers.settings.get(key) for key, _ in QUESTIONS}
    record["segments"] = list(answers.groups)
    name = desk.business.name or "Your business"
    words = f"{name} is set up: customers are kept in {desk.target.words}."
    hint = "refertrack add-customer · refertrack import contacts.csv · see all: refertrack config"
    if answers.file:
        desk.screen.say(words)
    else:
        desk.screen.changed(words, record, hint)


def _left(settings: Mapping[str, str], file: str) -> str:
    """Return what does what is left: a person's own settings, and the first file."""
    commands = [f"refertrack config set {key} {shlex.quote(value)}" for key, value in settings.items() if value]
    return " · ".join([*commands, *([f"refertrack import customers {shlex.quote(file)}"] if file else [])])


def _half(desk: Desk, error: RefertrackError, left: Mapping[str, str], file: str) -> RefertrackError:
    """Say what is set up and what is not, where the person's own settings could not be kept."""
    words = f"The business is set up in {desk.target.words}; {', '.join(left)} could not be kept: {error.message}"
    words += f" {file} is not imported." if file else ""
    commands = _left(left, file)
    return FileTrouble(words, f"{error.hint} Then: {commands}" if commands else error.hint)


def _save_business(desk: Desk, settings: Mapping[str, str], groups: Mapping[str, Mapping[str, Any]]) -> bool:
    """Keep what is new of the business's settings; return whether anything is."""
    from refertrack.cli.documents import current
    from refertrack.store.documents import with_value
    from refertrack.workflows.documents import save

    documents = {name: current(desk, name) for name in ("business", "segments")}
    texts = {name: document.written for name, document in documents.items()}
    for key, value in settings.items():
        texts["business"] = with_value("business", texts["business"], (key,), value)
    for name, values in groups.items():
        texts["segments"] = with_value("segments", texts["segments"], (name,), dict(values))
    changed = [name for name in documents if texts[name] != documents[name].written]
    if not changed:
        return False
    with desk.writing() as (session, _):
        for name in changed:
            save(session, name, texts[name], seen_version=documents[name].version)
    return True

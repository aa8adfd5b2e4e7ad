"""What can be set: by the person, and by the business; each value with where it comes from."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from refertrack.cli.desk import Desk
from refertrack.cli.documents import change_value, current, edit_document, is_own
from refertrack.cli.screen import Column, Listing
from refertrack.rules.errors import NotFound, WrongUsage
from refertrack.rules.preferences import BUSINESS, PERSONAL, PREFERENCES, Preference, preference

CONFIG_FIELDS = ("key", "value", "from", "whose", "words")
ACTIONS = ("get", "set", "unset", "edit")


def complete_key(incomplete: str) -> list[tuple[str, str]]:
    """Offer the keys that can be set."""
    return [(each.key, each.words) for each in PREFERENCES if each.key.startswith(incomplete)]


def config(
    ctx: typer.Context,
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help="get, set, unset or edit; without one, all is shown.")
    ] = "",
    key: Annotated[
        str, typer.Argument(metavar="[KEY]", help="Such as sender or currency.", autocompletion=complete_key)
    ] = "",
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="What it is from now on; - reads it from standard input.")
    ] = None,
) -> None:
    """Settings: see each with where it comes from, get, set and unset them.

    Example: refertrack config set sender "Nora Lind"
    """
    desk = Desk(ctx)
    if not action:
        show_all(desk)
    elif action not in ACTIONS:
        raise WrongUsage(f'Settings cannot "{action}".', f"Say one of: {', '.join(ACTIONS)}.")
    elif not key:
        raise WrongUsage(f"Which setting is to {action}?", "See all: refertrack config")
    elif action == "get":
        get(desk, key)
    elif action == "edit":
        edit_document(desk, key)
    else:
        change(desk, key, _value(desk, key, value) if action == "set" else None)


def _value(desk: Desk, key: str, value: str | None) -> str:
    if value == "-":
        return sys.stdin.read().rstrip("\n")
    return desk.needed(value, f"The value of {key}", f"it, as in: refertrack config set {key} VALUE")


def show_all(desk: Desk) -> None:
    """Show every setting with its value and where that comes from."""
    rows = [row(desk, each) for each in PREFERENCES]
    file = str(desk.environment.config_path())
    columns = (
        Column("key", lambda each: each["key"]),
        Column("value", lambda each: _short(each["value"])),
        Column("from", lambda each: "your file" if each["from"] == file else each["from"]),
        Column("what it is", lambda each: each["words"]),
    )
    desk.screen.listing(Listing(CONFIG_FIELDS, rows, columns))
    desk.screen.hint(
        f"Your file: {file}. The business's are kept in the database, for all who share it.\n"
        "refertrack config set KEY VALUE · refertrack segments · refertrack playbooks"
    )


def _short(value: str) -> str:
    line = value.replace("\n", " ⏎ ")
    return line if len(line) <= 40 else f"{line[:39]}…"


def row(desk: Desk, wanted: Preference) -> dict[str, Any]:
    """Return a setting as it holds now, and where its value comes from."""
    value, source = _personal(desk, wanted.key) if wanted.whose == PERSONAL else _of_business(desk, wanted)
    return {"key": wanted.key, "value": value, "from": source, "whose": wanted.whose, "words": wanted.words}


def _personal(desk: Desk, key: str) -> tuple[str, str]:
    """Return a person's setting: from an option, else a variable, else their file, else the default."""
    options, environment = desk.options, desk.environment
    given: dict[str, tuple[tuple[str, str], ...]] = {
        "database": ((options.db, "--db"), (environment.get("REFERTRACK_DB"), "REFERTRACK_DB")),
        "author": ((environment.get("REFERTRACK_AUTHOR"), "REFERTRACK_AUTHOR"),),
        "color": ((options.color, "--color"), ("never" if environment.get("NO_COLOR") else "", "NO_COLOR")),
    }
    defaults = {"author": desk.context.author, "color": "auto", "sender": desk.context.author}
    own = (str(desk.config.get(key, "")), str(environment.config_path()))
    found = next((pair for pair in (*given.get(key, ()), own) if pair[0]), ("", "default"))
    if key == "database":
        return desk.target.words, found[1]
    return found if found[0] else (defaults.get(key, ""), "default")


def _of_business(desk: Desk, wanted: Preference) -> tuple[str, str]:
    """Return the business's setting: from its documents, else the default."""
    business = desk.business
    name, key = ("business", wanted.key) if wanted.whose == BUSINESS else ("segments", "*")
    source = "the business" if is_own(desk, name, key) else "default"
    if name == "segments":
        return str(getattr(business.segments.every, wanted.key)), source
    guessed = {"currency": business.currency, "zone": business.zone or desk.environment.zone()}.get(key)
    if guessed is not None:
        return guessed, source if source != "default" else "this machine"
    from refertrack.store.documents import value as value_at

    return str(value_at(current(desk, name).text, (key,)) or ""), source


def get(desk: Desk, key: str) -> None:
    """Print the value of one setting, and nothing else."""
    if "." in key:
        from refertrack.store.documents import value as value_at

        name, *path = key.split(".")
        value = value_at(current(desk, name).text, tuple(path))
        if value is None:
            raise NotFound(f'Nothing is set at "{key}".', f"See: refertrack config edit {name}")
        desk.screen.record({"key": key, "value": value}, lambda: desk.screen.text(str(value)))
        return
    found = row(desk, preference(key))
    if desk.screen.mode == "json":
        desk.screen.record(found, lambda: None)
    else:
        desk.screen.text(found["value"])


def change(desk: Desk, key: str, value: str | None) -> None:
    """Set one setting, or give it back to its default, and say what it was."""
    if "." in key:
        name, *path = key.split(".")
        change_value(desk, name, tuple(path), value)
        return
    if value is None and key in desk_keys(desk):
        _save_personal(desk, key, None)
        return
    wanted = preference(key)
    checked = wanted.check(value) if value is not None else None
    if wanted.whose == PERSONAL:
        _save_personal(desk, wanted.key, checked)
    elif wanted.whose == BUSINESS:
        change_value(desk, "business", (wanted.key,), checked, words=wanted.key)
    else:
        change_value(desk, "segments", ("*", wanted.key), checked, words=wanted.key)


def desk_keys(desk: Desk) -> set[str]:
    """Return the keys in the person's file that nobody reads, so that they can be taken away."""
    import tomllib

    try:
        found = tomllib.loads(desk.environment.config_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return set(found) - {each.key for each in PREFERENCES}


def _save_personal(desk: Desk, key: str, value: str | None) -> None:
    from refertrack.cli.personal import save

    before = "" if key in desk_keys(desk) else str(desk.config.get(key, ""))
    path = save(desk.environment, key, value)
    was = f" It was: {_short(before)}." if before and before != value else ""
    sentence = f"{key} is {_short(value)} now." if value is not None else f"{key} has its default again."
    record = {"key": key, "value": value, "before": before, "file": str(path)}
    desk.screen.changed(f"{sentence}{was} Kept in {path}.", record, "See all: refertrack config")

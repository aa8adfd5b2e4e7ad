"""One customer group's intervals, set without anybody editing a document."""

from __future__ import annotations

from typing import Any

from refertrack.cli.desk import Desk
from refertrack.cli.documents import current
from refertrack.rules.text import NAME_LIMIT, clean


def set_segment(desk: Desk, name: str, wanted: dict[str, Any]) -> None:
    """Give a group values of its own; what it says nothing about is everybody's."""
    from refertrack.store.documents import with_value

    before = current(desk, "segments")
    group, text = clean(name, field="segment", limit=NAME_LIMIT), before.written
    for key, value in wanted.items():
        text = with_value("segments", text, (group, key), value)
    _save(desk, group, text, before.version)


def unset_segment(desk: Desk, name: str) -> None:
    """Give a group everybody's values again."""
    from refertrack.store.documents import without_value

    before = current(desk, "segments")
    _save(desk, name, without_value(before.written, (name,)), before.version)


def _save(desk: Desk, name: str, text: str, version: int) -> None:
    from refertrack.store.settings import load_business
    from refertrack.workflows.documents import save

    with desk.writing() as (session, _):
        save(session, "segments", text, seen_version=version)
    group = load_business({"segments": text}).segments.of(name)
    record = {
        "name": name,
        "keep_in_touch_days": group.keep_in_touch_days,
        "lost_touch_days": group.lost_touch_days,
        "prospects": group.prospects,
    }
    whom = "Everybody" if name == "*" else name
    sentence = f"{whom}: in touch again after {group.keep_in_touch_days} days, lost after {group.lost_touch_days}"
    sentence += f"; can think of {group.prospects}." if group.prospects else "."
    desk.screen.changed(sentence, record, "Take it back: refertrack undo")

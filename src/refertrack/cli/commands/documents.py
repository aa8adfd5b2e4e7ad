"""Playbooks and segments: the business's own rules, seen, checked and changed."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from refertrack.cli.complete import complete_segment
from refertrack.cli.desk import Desk
from refertrack.cli.documents import CheckFile, Edit, ExportFile, Force, ImportFile, Request, Reset, is_own, tend
from refertrack.cli.screen import Column, Listing
from refertrack.rules.errors import BadValue, NotFound, WrongUsage

PLAYBOOK_FIELDS = (
    "playbook", "title", "step", "after", "what", "purpose", "channel", "template", "note", "talk", "share",
    "priority", "off", "own",
)  # fmt: skip
SEGMENT_FIELDS = ("name", "keep_in_touch_days", "lost_touch_days", "prospects", "customers", "own")


def playbooks(
    ctx: typer.Context,
    edit: Edit = False,
    import_file: ImportFile = None,
    export_file: ExportFile = None,
    check_file: CheckFile = None,
    reset: Reset = False,
    force: Force = False,
) -> None:
    """What happens after something happened; change it.

    Example: refertrack playbooks --edit
    """
    desk = Desk(ctx)
    if tend(desk, "playbooks", Request(edit, import_file, export_file, check_file, reset, force)):
        return
    columns = (
        Column("when", lambda row: row["title"] + (" (yours)" if row["own"] else "")),
        Column("after", lambda row: row["after"]),
        Column("what", lambda row: row["what"] or "nothing"),
        Column("letter", lambda row: row["template"]),
    )
    desk.screen.listing(Listing(PLAYBOOK_FIELDS, _steps(desk), columns))
    desk.screen.hint("Change them: refertrack playbooks --edit · one value: refertrack config edit playbooks")


def _steps(desk: Desk) -> list[dict[str, Any]]:
    """Return each step of each playbook; a playbook without steps is a row of its own."""
    rows = []
    for playbook in desk.business.playbooks.values():
        own = is_own(desk, "playbooks", playbook.name)
        common = {"playbook": playbook.name, "title": playbook.title, "own": own, "off": not playbook.steps}
        if not playbook.steps:
            rows.append({**dict.fromkeys(PLAYBOOK_FIELDS, ""), **common})
        rows += [
            {
                **common,
                "step": step.name,
                "after": f"{step.count} {step.unit}{'s' if step.count != 1 else ''}",
                **{name: getattr(step, name) for name in PLAYBOOK_FIELDS[4:12]},
            }
            for step in playbook.steps
        ]
    return rows


def segments(
    ctx: typer.Context,
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help="set or unset a group; without one, all are shown.")
    ] = "",
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="The group; * for everybody.", autocompletion=complete_segment)
    ] = "",
    keep_in_touch: Annotated[
        int | None, typer.Option("--keep-in-touch", metavar="DAYS", help="Be in touch again after so many days.")
    ] = None,
    lost_touch: Annotated[
        int | None, typer.Option("--lost-touch", metavar="DAYS", help="Lost after so many days without a contact.")
    ] = None,
    prospects: Annotated[
        str | None, typer.Option("--prospects", metavar="WORDS", help="Whom this group can best think of.")
    ] = None,
    edit: Edit = False,
    import_file: ImportFile = None,
    export_file: ExportFile = None,
    check_file: CheckFile = None,
    reset: Reset = False,
    force: Force = False,
) -> None:
    """Customer groups and their intervals; change them.

    Example: refertrack segments set Retail --keep-in-touch 60 --lost-touch 150
    """
    desk = Desk(ctx)
    if tend(desk, "segments", Request(edit, import_file, export_file, check_file, reset, force)):
        return
    given = {"keep_in_touch_days": keep_in_touch, "lost_touch_days": lost_touch, "prospects": prospects}
    wanted = {key: value for key, value in given.items() if value is not None}
    if action:
        _change(desk, action, name, wanted)
    else:
        _show(desk)


def _change(desk: Desk, action: str, name: str, wanted: dict[str, Any]) -> None:
    from refertrack.cli.segments import set_segment, unset_segment

    if action not in {"set", "unset"}:
        raise WrongUsage(f'Segments cannot "{action}".', "Like this: refertrack segments set Retail --keep-in-touch 60")
    if not name:
        raise WrongUsage("Which group is meant?", f"Like this: refertrack segments {action} Retail")
    if action == "unset":
        if not is_own(desk, "segments", name):
            raise NotFound(f'"{name}" has no intervals of its own.', "See: refertrack segments")
        unset_segment(desk, name)
        return
    if not wanted:
        raise BadValue("What is to be set is missing.", "Give --keep-in-touch, --lost-touch or --prospects.")
    set_segment(desk, name, wanted)


def _show(desk: Desk) -> None:
    from refertrack.reports.lists import segment_sizes

    with desk.reading() as reader:
        sizes = {row["segment"]: row["customers"] for row in segment_sizes(reader)}
    known = desk.business.segments
    names = ["*", *sorted({*(each.name for each in known.own), *(name for name in sizes if name)})]
    rows = [
        {
            **{key: getattr(known.of(name), key) for key in SEGMENT_FIELDS[1:4]},
            "name": name,
            "customers": sum(sizes.values()) if name == "*" else sizes.get(name, 0),
            "own": is_own(desk, "segments", name),
        }
        for name in names
    ]
    columns = (
        Column("group", lambda row: "everybody (*)" if row["name"] == "*" else row["name"]),
        Column("customers", lambda row: str(row["customers"]), right=True),
        Column("in touch", lambda row: f"{row['keep_in_touch_days']} days", right=True),
        Column("lost", lambda row: f"{row['lost_touch_days']} days", right=True),
        Column("can think of", lambda row: row["prospects"]),
    )
    desk.screen.listing(Listing(SEGMENT_FIELDS, rows, columns))
    desk.screen.hint('refertrack segments set Retail --keep-in-touch 60 --prospects "shops about to renovate"')

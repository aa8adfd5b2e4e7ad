"""Improvement actions, and the staff meeting's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import On, Owner, Segment
from refertrack.cli.desk import Desk
from refertrack.cli.screen import Column, Listing, Record
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.listening import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from refertrack.workflows.actions import Finished

ACTION_FIELDS = (
    "id", "title", "because", "reason", "feedback_id", "segment", "owner", "staff_incentive", "added_on", "due_on",
    "done_on", "measure", "before_k", "before_n", "after_k", "after_n", "difference", "difference_low",
    "difference_high", "moved",
)  # fmt: skip
MEETING = "last 30 days"
UNMEASURED = "It had no measure: whether it moved anything is not known."
TOO_SOON = "It was finished on the day on which it was added: there is nothing to compare yet."


def add_action(
    ctx: typer.Context,
    title: Annotated[str | None, typer.Argument(metavar="TITLE", help="What will be done.")] = None,
    because: Annotated[str, typer.Option("--because", metavar="WORDS", help="Why.")] = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="CODE", help="The reason not to refer that it is for.")
    ] = "",
    feedback: Annotated[
        int | None, typer.Option("--feedback", metavar="ID", help="The complaint, idea or gap that it is for.")
    ] = None,
    measure: Annotated[
        str, typer.Option("--measure", metavar="FIGURE", help="participation, satisfied:service, on time, …")
    ] = "",
    segment: Segment = None,
    owner: Owner = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DAY", help="Until when.")] = None,
    incentive: Annotated[str, typer.Option("--incentive", metavar="WORDS", help="What the team gets for it.")] = "",
) -> None:
    """Record what the staff will do better; its figure is measured before and after.

    Example: refertrack add-action "call the day before" --feedback 7 --measure satisfied:service --due "in 6 weeks"
    """
    desk = Desk(ctx)
    words = desk.needed(title, "What will be done?", "the title")
    day = desk.day(due, field="due")
    from refertrack.workflows import actions as work

    new = work.NewAction(words, because, reason, feedback, measure, segment or "", owner or "", day, incentive)
    with desk.writing() as (session, _):
        begun = work.add(session, new)
    action, before = begun.action, begun.before
    parts = [f"Action {action.id}: {action.title} ({action.owner}{f', due {day.isoformat()}' if day else ''})."]
    if before is not None:
        parts.append(f"{action.measure.capitalize()} over the last {before.period.days} days: {before.words}.")
    hint = f"Once it is done: refertrack finish-action {action.id} · take it back: refertrack undo"
    desk.screen.changed(" ".join(parts), _line(desk, action.key), hint)


def finish_action(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="The id that `actions` shows.")],
    on: On = None,
) -> None:
    """Close an action: its figure is measured again, and compared.

    Example: refertrack finish-action 3
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    from refertrack.workflows import actions as work

    with desk.writing() as (session, _):
        finished = work.finish(session, number, on=day)
    record = {**_line(desk, number), "next": next_records(finished.scheduled)}
    desk.screen.changed(_finished(desk, finished), record, "refertrack actions --all · take it back: refertrack undo")


def actions(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Finished ones, too, and what became of them.")] = False,
    owner: Owner = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what you look after.")] = False,
) -> None:
    """What the staff is improving, why, and whether it moved the figure.

    Example: refertrack actions --all
    """
    desk = Desk(ctx)
    from refertrack.reports.agenda import actions as listed

    whose = desk.context.author if mine else owner or ""
    with desk.reading() as reader:
        rows = listed(reader, everything=everything, owner=whose)
    columns = (
        Column("id", lambda row: str(row["id"]), right=True),
        Column("action", _what),
        Column("owner", lambda row: row["owner"]),
        Column("due", lambda row: f"done {row['done_on']}" if row["done_on"] else row["due_on"] or "–"),
        Column("measure", lambda row: "\n".join(part for part in (row["measure"], row["effect"]) if part)),
    )
    desk.screen.listing(Listing(ACTION_FIELDS, rows, columns))
    if rows:
        desk.screen.hint(f"refertrack finish-action {rows[0]['id']} · refertrack agenda")
    else:
        desk.screen.hint('Nothing is being improved. Begin: refertrack add-action "…" --because "…"')


def agenda(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help='From this day on; or "this quarter".')
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Today if left out.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it as Markdown.")] = False,
    page: Annotated[str | None, typer.Option("--html", metavar="FILE", help="Write it as a web page.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """The staff meeting's page: recoveries overdue, complaints, reasons, praise, actions, ideas.

    Example: refertrack agenda --since 2026-11-01 --html agenda.html
    """
    desk = Desk(ctx)
    from refertrack.cli import agenda_pages
    from refertrack.reports.agenda import agenda as of_period
    from refertrack.rules.periods import period_of

    span = period_of(since or MEETING, until, desk.today, lambda text, name: desk.day(text, field=name, prefer="past"))
    with desk.reading() as reader:
        found = of_period(reader, desk.today, span, desk.business.limits)
    if page:
        from refertrack.drafts.pages import agenda_page

        path = _write(page, agenda_page(found, desk.business.name), force=force)
        desk.screen.changed(f"Written: {path}", {"file": str(path)})
    elif markdown:
        desk.screen.write(agenda_pages.markdown(found))
    else:
        desk.screen.record(agenda_pages.record(found), lambda: agenda_pages.show(desk.screen, found))


def _write(name: str, text: str, *, force: bool) -> Path:
    from pathlib import Path

    from refertrack.store.files import safe_write

    path = Path(name).expanduser()
    safe_write(path, text.encode(), force=force)
    return path


def _line(desk: Desk, number: int) -> dict[str, Any]:
    from refertrack.reports.agenda import action_line

    with desk.reading() as reader:
        row = action_line(reader, number)
    return {name: row[name] for name in ACTION_FIELDS}


def _what(row: Record) -> str:
    why = row["reason"] or row["because"]
    team = f"the team gets: {row['staff_incentive']}" if row["staff_incentive"] else ""
    return "\n".join(part for part in (row["words"], quoted(why) if why else "", team) if part)


def _finished(desk: Desk, finished: Finished) -> str:
    action, effect = finished.action, finished.effect
    parts = [f"Action {action.id} finished: {action.title}."]
    unknown = TOO_SOON if action.before else UNMEASURED
    parts.append(f"{action.measure.capitalize()} {effect.words}." if effect else unknown)
    if effect is not None and effect.moved and action.staff_incentive:
        parts.append(f"The team gets: {action.staff_incentive}.")
    return " ".join([*parts, next_words(desk, finished.scheduled)]).strip()

"""The survey: asked one question after the other, or answered by options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.commands.common import CustomerArg, On, find_customer
from refertrack.cli.desk import Desk
from refertrack.cli.documents import CheckFile, Edit, ExportFile, Force, ImportFile, Request, Reset, tend
from refertrack.cli.screen import Column, Listing
from refertrack.cli.tables import next_records, next_words
from refertrack.rules.errors import BadValue, NotAllowed, WrongUsage
from refertrack.rules.listening import read_scale
from refertrack.rules.surveys import TEXTS, Answers, Kind, Question

if TYPE_CHECKING:
    from refertrack.cli.screen import Record
    from refertrack.workflows.surveys import Taken

_YES, _NO = {"y", "yes"}, {"n", "no"}


def survey(
    ctx: typer.Context,
    who: CustomerArg,
    service: Annotated[int | None, typer.Option("--service", metavar="N", help="0 to 5.")] = None,
    communication: Annotated[int | None, typer.Option("--communication", metavar="N", help="0 to 5.")] = None,
    performance: Annotated[int | None, typer.Option("--performance", metavar="N", help="0 to 5.")] = None,
    score: Annotated[
        list[str] | None, typer.Option("--score", metavar="NAME=N", help="A question of your own, 0 to 5.")
    ] = None,
    important: Annotated[str, typer.Option("--important", metavar="WORDS", help="What matters most to them.")] = "",
    why: Annotated[str, typer.Option("--why", metavar="WORDS", help="Why they bought from us.")] = "",
    improve: Annotated[str, typer.Option("--improve", metavar="WORDS", help="What to do better.")] = "",
    recommended: Annotated[
        bool | None, typer.Option("--recommended/--not-recommended", help="Have they recommended us to a friend?")
    ] = None,
    whom: Annotated[str, typer.Option("--whom", metavar="NAME", help="To whom they recommended us.")] = "",
    recommend: Annotated[int | None, typer.Option("--recommend", metavar="N", help="Would they? 0 to 10.")] = None,
    comment: Annotated[str, typer.Option("--comment", metavar="WORDS", help="Anything else.")] = "",
    purchase: Annotated[
        int | None, typer.Option("--purchase", metavar="ID", help="The purchase; the last one if left out.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="They answer once more.")] = False,
    on: On = None,
) -> None:
    """Ask a customer how we did; on a terminal one question after the other, each may be left out.

    Example: refertrack survey hanna --service 5 --communication 4 --performance 5 --recommended --whom "Lin Wu"
    """
    desk = Desk(ctx)
    day = desk.day(on, field="on", prefer="past")
    customer = find_customer(desk, who)
    given = {"service": service, "communication": communication, "performance": performance}
    scores = {name: value for name, value in given.items() if value is not None} | _scores(score or [])
    told = True if whom and recommended is None else recommended
    answers = Answers(scores, important, why, improve, comment, told, whom, recommend)
    if answers.empty and desk.screen.interactive:
        answers = _interview(desk, customer["name"])
    from refertrack.workflows import surveys

    try:
        with desk.writing() as (session, _):
            taken = surveys.answer(session, customer["id"], answers, on=day, purchase_id=purchase, again=again)
    except NotAllowed as error:  # after an interview nobody wants to ask it all again
        if not desk.screen.interactive or not desk.screen.confirm(f"{error.message} Keep these answers, too?"):
            raise
        with desk.writing() as (session, _):
            taken = surveys.answer(session, customer["id"], answers, on=day, purchase_id=purchase, again=True)
    desk.screen.changed(*_said(desk, taken))


def _scores(options: list[str]) -> dict[str, int]:
    found = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals:
            raise WrongUsage(f'"{option}" does not name a question and its score.', "Like this: --score price=4")
        found[name.strip()] = read_scale(value, name.strip(), 0, 5)
    return found


def _interview(desk: Desk, name: str) -> Answers:
    """Ask the questions in their order; an empty answer leaves a question out."""
    desk.screen.say(f"Asking {name}. An empty answer leaves a question out; Ctrl-C stops, and nothing is kept.")
    scores: dict[str, int] = {}
    texts: dict[str, str] = dict.fromkeys(TEXTS, "")
    told: bool | None = None
    whom, would = "", None
    for question in desk.business.survey.questions:
        if question.kind is Kind.SCORE:
            value = _asked(desk, question, "0 to 5", lambda text, name=question.name: read_scale(text, name, 0, 5))  # type: ignore[misc]
            if value is not None:
                scores[question.name] = value
        elif question.kind is Kind.LIKELIHOOD:
            would = _asked(desk, question, "0 to 10", lambda text: read_scale(text, "would_recommend", 0, 10))
        elif question.kind is Kind.RECOMMENDED:
            told = _asked(desk, question, "yes or no", _yes_or_no)
            whom = desk.screen.ask("  To whom?") if told else ""
        else:
            texts[question.name] = desk.screen.ask(question.words)
    return Answers(scores, has_recommended=told, whom=whom, would_recommend=would, **texts)


def _asked(desk: Desk, question: Question, scale: str, read: Callable[[str], Any]) -> Any:
    while True:
        text = desk.screen.ask(f"{question.words} ({scale})")
        if not text:
            return None
        try:
            return read(text)
        except BadValue as error:
            desk.screen.error(error)


def _yes_or_no(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise BadValue(f'"{text}" is neither yes nor no.', "Say yes or no, or leave it empty.")
    return word in _YES


def _said(desk: Desk, taken: Taken) -> tuple[str, Record, str]:
    row, answers, followed = taken.survey, taken.answers, taken.followed
    said = [", ".join(f"{name.replace('_', ' ')} {value}" for name, value in answers.scores.items())]
    if answers.has_recommended:
        said.append(f"has recommended us{f' to {answers.whom}' if answers.whom else ''}")
    if answers.would_recommend is not None:
        said.append(f"would recommend us: {answers.would_recommend} of 10")
    parts = [f"Survey {row.key}: {taken.customer.name}. {'; '.join(part for part in said if part)}".rstrip(". ") + "."]
    opened = followed.complaints.get(row.key)
    before = followed.open_before.get(taken.customer.key)
    if opened is not None:
        parts.append(f"Complaint {opened} is open now.")
    if before is not None:
        parts.append(f"Complaint {before} was open already.")
    parts.append(next_words(desk, followed.scheduled))
    record = {
        "id": row.key,
        "customer_id": row.customer_id,
        "customer": taken.customer.name,
        "purchase_id": row.purchase_id,
        "invited_on": row.invited_on,
        "answered_on": row.answered_on,
        "scores": [{"question": name, "score": value} for name, value in answers.scores.items()],
        "lowest": row.lowest,
        "most_important": row.most_important,
        "why_us": row.why_us,
        "improve": row.improve,
        "has_recommended": row.has_recommended,
        "recommended_whom": row.recommended_whom,
        "would_recommend": row.would_recommend,
        "comment": row.comment,
        "complaint_id": opened or before,
        "next": next_records(followed.scheduled),
    }
    return " ".join(part for part in parts if part), record, "refertrack due · take it back: refertrack undo"


def questions(
    ctx: typer.Context,
    edit: Edit = False,
    import_file: ImportFile = None,
    export_file: ExportFile = None,
    check_file: CheckFile = None,
    reset: Reset = False,
    force: Force = False,
) -> None:
    """The survey's questions; change them.

    Example: refertrack questions --edit
    """
    desk = Desk(ctx)
    if tend(desk, "survey", Request(edit, import_file, export_file, check_file, reset, force)):
        return
    form = desk.business.survey
    rows = [{"name": each.name, "kind": str(each.kind), "words": each.words} for each in form.questions]
    columns = (
        Column("question", lambda row: row["words"]),
        Column("answer", lambda row: row["kind"]),
        Column("name", lambda row: row["name"]),
    )
    desk.screen.listing(Listing(("name", "kind", "words"), rows, columns))
    desk.screen.hint("Change them: refertrack questions --edit · ask them: refertrack survey CUSTOMER")

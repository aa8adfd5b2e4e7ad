"""The list of reasons why customers do not refer: found, added to, merged, thinned out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as select_rows
from sqlmodel import Session, select

from refertrack.models.listening import Action
from refertrack.models.referrals import Ask, Reason
from refertrack.rules.errors import BadValue, NotAllowed, NotFound
from refertrack.rules.reasons import KEPT, SHIPPED, check_code, check_words
from refertrack.store import bulk


@dataclass(frozen=True)
class Changed:
    """A reason that was added, merged into another or removed, and how many asks moved with it."""

    reason: Reason
    into: Reason | None = None
    asks: int = 0


def find(session: Session, text: str) -> Reason:
    """Return a reason by its code or words; one that was merged leads to the one that it was merged into.

    Raises:
        BadValue: it is not on the list.

    """
    reason = _find(session, text)
    if reason is None:
        listed = ", ".join(each.words for each in standing(session))
        raise BadValue(
            f'"{text}" is not on the list of reasons.',
            f'One of: {listed}. A new one: refertrack reasons --add CODE "words"',
            field="reason",
        )
    return reason


def standing(session: Session) -> list[Reason]:
    """Return the reasons that can be given, in the order in which they came; the shipped ones are written down first.

    They are written once: what a business has removed stays away.
    """
    query = select(Reason).order_by(Reason.id)  # type: ignore[arg-type]
    known = list(session.exec(query).all())
    if not known:
        session.add_all([Reason(code=code, words=words) for code, words in SHIPPED.items()])
        session.flush()
        known = list(session.exec(query).all())
    return [reason for reason in known if reason.merged_into is None]


def add(session: Session, code: str, words: str) -> Changed:
    """Add a reason.

    Raises:
        BadValue: the code is none, or the words are empty.
        NotAllowed: the code or the words are taken.

    """
    wanted, said = check_code(code), check_words(words)
    standing(session)
    for text in (wanted, said):
        taken = _find(session, text)
        if taken is not None:
            raise NotAllowed(
                f'"{text}" is on the list already: {taken.code}, {taken.words}.', "See: refertrack reasons"
            )
    reason = Reason(code=wanted, words=said)
    session.add(reason)
    session.flush()
    return Changed(reason)


def merge(session: Session, code: str, into: str) -> Changed:
    """Let one reason go up in another: asks and actions that gave it give the other from now on.

    Raises:
        NotFound: one of them is not on the list.
        NotAllowed: they are the same, or the program needs the first.

    """
    reason, other = _listed(session, code), _listed(session, into)
    if reason.key == other.key:
        raise NotAllowed(f'"{reason.words}" and itself are one already.', "See: refertrack reasons")
    _refuse_kept(reason)
    moved = 0
    for model in (Ask, Action):
        table = bulk.table_of(model)
        ids = session.connection().execute(select_rows(table.c.id).where(table.c.reason_id == reason.key)).scalars()
        rows = [{"id": number, "reason_id": other.key} for number in ids]
        bulk.update(session, model, rows)
        moved += len(rows) if model is Ask else 0
    for earlier in session.exec(select(Reason).where(Reason.merged_into == reason.key)).all():
        earlier.merged_into = other.key
        session.add(earlier)
    reason.merged_into = other.key
    session.add(reason)
    session.flush()
    return Changed(reason, other, moved)


def remove(session: Session, code: str) -> Changed:
    """Take a reason off the list that nobody has given.

    Raises:
        NotFound: it is not on the list.
        NotAllowed: somebody has given it, or the program needs it.

    """
    reason = _listed(session, code)
    _refuse_kept(reason)
    used = sum(_count(session, model, reason.key) for model in (Ask, Action))
    merged = session.exec(select(Reason).where(Reason.merged_into == reason.key)).first()
    if used or merged is not None:
        raise NotAllowed(
            f'"{reason.words}" stands in {used} answer{"" if used == 1 else "s"} or other reasons and cannot go.',
            f"Let it go up in another: refertrack reasons --merge {reason.code} other",
        )
    session.delete(reason)
    session.flush()
    return Changed(reason)


def _count(session: Session, model: type[Ask] | type[Action], reason_id: int) -> int:
    table = bulk.table_of(model)
    query = select_rows(func.count()).select_from(table).where(table.c.reason_id == reason_id)
    return int(session.connection().execute(query).scalar_one())


def _listed(session: Session, code: str) -> Reason:
    reason = _find(session, code)
    if reason is None:
        raise NotFound(f'There is no reason "{code}".', "See: refertrack reasons")
    return reason


def _find(session: Session, text: str) -> Reason | None:
    standing(session)
    wanted = " ".join(text.casefold().split())
    for reason in session.exec(select(Reason).order_by(Reason.id)).all():  # type: ignore[arg-type]
        spelled = {reason.code.casefold().replace("_", parting) for parting in ("_", "-", " ")}
        if wanted in {*spelled, reason.words.casefold()}:
            return session.get(Reason, reason.merged_into) if reason.merged_into else reason
    return None


def _refuse_kept(reason: Reason) -> None:
    if reason.code in KEPT:
        raise NotAllowed(f'"{reason.words}" is needed: the program gives it itself.', "See: refertrack reasons")

"""Rows of a form's export become answered surveys; fresh answers have their consequences.

A row with an id of its own is known by it. Another is known by who answered, when, and what, so that a longer
export of the same form adds what is new and changes nothing else: its place in the file says nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select

from refertrack.models.listening import Survey, SurveyAnswer
from refertrack.models.sales import Purchase
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.surveys import TEXTS, Answers, check_answers
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.rules.words import PurchaseStatus
from refertrack.store import bulk
from refertrack.workflows.imports import (
    FileImport,
    Imported,
    Line,
    Lines,
    SourceFile,
    read_day,
)
from refertrack.workflows.known_customers import known_references
from refertrack.workflows.survey_follow import Answered, follow
from refertrack.workflows.surveys import cleaned, new_token

FORM = "form"
_SCORE = re.compile(r"(\d{1,9})(?:[.,]0+)?(?:\s*(?:/|of)\s*\d+|\s*[-–:(].*)?")
_TIME = re.compile(r"\d{1,2}:\d{2}")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?=[ T,]|$)")
_YES = frozenset({"yes", "y", "true", "1", "ja", "oui", "si", "sí", "sì", "sim", "tak"})
_NO = frozenset({"no", "n", "false", "0", "nein", "non", "nej", "nee", "não", "nie"})
_COLUMNS = (
    "customer_id", "purchase_id", "answered_on", *TEXTS, "has_recommended", "recommended_whom", "would_recommend",
    "lowest",
)  # fmt: skip


def import_surveys(session: Session, lines: Lines, file: SourceFile, *, strict: bool = False) -> Imported:
    """Add or correct answered surveys from rows whose values stand under the fields' names.

    A score stands under its question's name. The customer is named by external id or e-mail address. An
    invitation that waits for its answer is answered by the first row after it.

    Raises:
        BadValue: ``strict``, and a row is bad.

    """
    return _Import(session, file, strict=strict).run(lines)


@dataclass(frozen=True)
class _Row:
    """A good row: who answered, when, what, and what it is known by."""

    line: int
    customer_id: int
    on: date
    purchase: str
    answers: Answers
    source: str
    base: str
    own: str
    timed: bool


class _Import(FileImport):
    """One import: what was known before, and the rows that are to be written."""

    kind, days = "surveys", ("answered_on",)

    def __init__(self, session: Session, file: SourceFile, *, strict: bool) -> None:
        super().__init__(session, file, strict=strict)
        self.seen: Counter[tuple[str, str]] = Counter()

    def _group(self, group: Sequence[Line], order: str) -> None:
        self.result.read += len(group)
        references = (line.values.get("customer", "").strip() for line in group if not line.problem)
        customers = known_references(self.session, references, self.file.source)
        rows = []
        for line in group:
            try:
                rows.append(self._read(line, order, customers))
            except RefertrackError as error:
                self.result.reject(line, error, strict=self.strict)
        self._write(rows)

    def _read(self, line: Line, order: str, customers: Mapping[str, int]) -> _Row:
        if line.problem:
            raise BadValue(line.problem)
        given = {name: value.strip() for name, value in line.values.items()}
        reference, stamp = given.get("customer", ""), given.get("answered_on", "")
        if not reference:
            raise BadValue("customer: it is blank.", field="customer")
        if reference not in customers:
            self.result.unknown_customers.add(reference)
            raise BadValue(f'customer: nobody is known as "{reference}".', field="customer")
        if not stamp:
            raise BadValue("answered_on: it is blank.", field="answered_on")
        day = _DAY.match(stamp)
        on = read_day(day.group() if day else stamp, order, "answered_on")
        if on > self.context.today:
            raise BadValue(f"answered_on: {on.isoformat()} has not come yet.", field="answered_on")
        answers = self._answers(given)
        base = _digest(reference.casefold(), " ".join(stamp.split()).casefold())
        source, own = self.file.source or FORM, given.get("external_id", "")
        if own:
            own = clean(own, field="external_id", limit=NAME_LIMIT)
        else:
            source = FORM
            own = self._own(base, answers)
        if given.get("external_id") and self.seen[source, own]:
            raise BadValue(f"external_id: {own} stands in an earlier line of this file, too.")
        self.seen[source, own] += 1
        timed = bool(_TIME.search(stamp)) and source == FORM
        return _Row(line.number, customers[reference], on, given.get("purchase", ""), answers, source, base, own, timed)

    def _own(self, base: str, answers: Answers) -> str:
        """Return what a row without an id is known by; equal rows of one file stay apart."""
        own = f"{base}:{_digest(repr(sorted(answers.scores.items())), repr(replace(answers, scores={})))}"
        number = self.seen[FORM, own] + 1
        if number == 1:
            return own
        self.seen[FORM, own] = number
        return f"{own}:{number}"

    def _answers(self, given: Mapping[str, str]) -> Answers:
        form = self.context.business.survey
        scores = {name: value for name in form.scores if (value := _score(given.get(name, ""), name, 5)) is not None}
        answers = Answers(
            scores,
            **{name: given.get(name, "") for name in TEXTS},
            has_recommended=_yes_or_no(given.get("has_recommended", "")),
            whom=given.get("recommended_whom", ""),
            would_recommend=_score(given.get("would_recommend", ""), "would_recommend", 10),
        )
        if answers.whom and answers.has_recommended is None:
            answers = replace(answers, has_recommended=True)
        answers = cleaned(answers)
        check_answers(answers, form)
        return answers

    def _write(self, rows: Sequence[_Row]) -> None:
        known = _Known(self.session, rows)
        new, changed = [], []
        for row in rows:
            before = known.exact(row)
            if before is None:
                new.append(row)
            elif row.source == FORM or known.same(before, row):
                self.result.unchanged += 1
            else:
                changed.append((before, row))
        fresh = []
        for row in new:
            before = known.corrected(row)
            if before is None:
                fresh.append(row)
            else:
                changed.append((before, row))
        answered = [*self._add(fresh, known), *self._correct(changed, known)]
        again = {before["id"] for before, _ in changed}
        for some, contacts in (
            ([row for row in answered if row.survey_id not in again], True),
            ([row for row in answered if row.survey_id in again], False),
        ):
            followed = follow(self.session, some, contacts=contacts)
            self.result.due += len(followed.scheduled.made)
            self.result.left_out += followed.scheduled.left_out

    def _add(self, rows: Sequence[_Row], known: _Known) -> list[Answered]:
        """Write new answers, into the invitation that waits for them where there is one."""
        fresh, filled, answered = [], [], []
        for row, number in zip(rows, bulk.allocate(self.session, Survey, len(rows)), strict=True):
            invitation = known.invitation(row)
            values = {**known.values(row), "external_source": row.source, "external_id": row.own}
            if invitation is not None:
                filled.append({"id": invitation, **values, "import_batch_id": self.batch.key})
            else:
                fresh.append({"id": number, "token": new_token(), **values, "import_batch_id": self.batch.key})
            answered.append(Answered(invitation or number, row.customer_id, values["purchase_id"], row.on, row.answers))
        bulk.insert(self.session, Survey, fresh)
        bulk.update(self.session, Survey, filled)
        self._add_scores(answered)
        self.result.added += len(rows)
        return answered

    def _add_scores(self, answered: Sequence[Answered]) -> None:
        scores = [
            {"survey_id": row.survey_id, "question": name, "score": score}
            for row in answered
            for name, score in row.answers.scores.items()
        ]
        ids = bulk.allocate(self.session, SurveyAnswer, len(scores))
        bulk.insert(self.session, SurveyAnswer, [{"id": n, **row} for row, n in zip(scores, ids, strict=True)])

    def _correct(self, changed: Sequence[tuple[dict[str, Any], _Row]], known: _Known) -> list[Answered]:
        """Write answers that were corrected in the form in the place of those that were there."""
        updates, answered = [], []
        for before, row in changed:
            values = {**known.values(row), "purchase_id": before["purchase_id"], "external_id": row.own}
            updates.append({"id": before["id"], **values})
            answered.append(Answered(before["id"], row.customer_id, before["purchase_id"], row.on, row.answers))
        bulk.update(self.session, Survey, updates)
        for some in bulk.in_lists([row.survey_id for row in answered]):
            for old in self.session.exec(
                sqlmodel_select(SurveyAnswer).where(col(SurveyAnswer.survey_id).in_(some))
            ).all():
                self.session.delete(old)
        self.session.flush()
        self._add_scores(answered)
        self.result.updated += len(changed)
        return answered


class _Known:
    """What is known of the customers of some rows: their surveys, and what they bought."""

    def __init__(self, session: Session, rows: Sequence[_Row]) -> None:
        self.session = session
        self.surveys = self._surveys(sorted({row.customer_id for row in rows}), rows)
        self.purchases = self._purchases(sorted({row.customer_id for row in rows}))
        self.by_own = {(row["external_source"], row["external_id"]): row for row in self.surveys}
        self.waiting: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.by_base: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
        self.scores = self._scores([row for row in self.surveys if row["external_source"] != FORM])
        claimed = {row.own for row in rows}
        for row in self.surveys:
            if row["answered_on"] is None and row["invited_on"] and not row["undeliverable"]:
                self.waiting[row["customer_id"]].append(row)
            if row["external_source"] == FORM and row["external_id"] not in claimed:
                self.by_base[row["customer_id"], (row["external_id"] or "").partition(":")[0]].append(row)

    def _surveys(self, ids: Sequence[int], rows: Sequence[_Row]) -> list[dict[str, Any]]:
        table = bulk.table_of(Survey)
        names = ("id", *_COLUMNS, "invited_on", "undeliverable", "external_source", "external_id")
        query = select(*(table.c[name] for name in names))
        owns = sorted({row.own for row in rows if row.source != FORM or ":" not in row.own})
        parts = [
            *(table.c.customer_id.in_(some) for some in bulk.in_lists(ids)),
            *(table.c.external_id.in_(some) for some in bulk.in_lists(owns)),
        ]
        found = {
            row["id"]: dict(row)
            for part in parts
            for row in self.session.connection().execute(query.where(part)).mappings()
        }
        return [found[number] for number in sorted(found)]

    def _scores(self, surveys: Sequence[dict[str, Any]]) -> dict[int, dict[str, int]]:
        table = bulk.table_of(SurveyAnswer)
        query = select(table.c.survey_id, table.c.question, table.c.score)
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for some in bulk.in_lists([row["id"] for row in surveys]):
            for survey_id, question, score in self.session.connection().execute(
                query.where(table.c.survey_id.in_(some))
            ):
                found[survey_id][question] = score
        return found

    def _purchases(self, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        """Return what customers bought, the latest delivery first."""
        table = bulk.table_of(Purchase)
        query = select(table.c.id, table.c.customer_id, table.c.delivered_on, table.c.external_id, table.c.status)
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for some in bulk.in_lists(ids):
            for row in self.session.connection().execute(query.where(table.c.customer_id.in_(some))).mappings():
                found[row["customer_id"]].append(dict(row))
        for rows in found.values():
            rows.sort(key=lambda row: (row["delivered_on"] or date.min, row["id"]), reverse=True)
        return found

    def exact(self, row: _Row) -> dict[str, Any] | None:
        """Return the survey that is this row."""
        return self.by_own.get((row.source, row.own))

    def corrected(self, row: _Row) -> dict[str, Any] | None:
        """Return the survey that the same customer answered at the same moment, and that no other row is."""
        rows = self.by_base.get((row.customer_id, row.base), []) if row.timed else []
        return rows.pop() if rows else None

    def same(self, before: Mapping[str, Any], row: _Row) -> bool:
        """Whether a survey holds just what a row says."""
        if any(before[name] != value for name, value in self.values(row).items() if name != "purchase_id"):
            return False
        return self.scores[before["id"]] == dict(row.answers.scores)

    def invitation(self, row: _Row) -> int | None:
        """Take the customer's latest invitation that a row can answer."""
        fitting = [each for each in self.waiting.get(row.customer_id, []) if each["invited_on"] <= row.on]
        if not fitting:
            return None
        taken = max(fitting, key=lambda each: (each["invited_on"], each["id"]))
        self.waiting[row.customer_id].remove(taken)
        return int(taken["id"])

    def values(self, row: _Row) -> dict[str, Any]:
        """Return a row as columns of the table."""
        answers = row.answers
        return {
            "customer_id": row.customer_id,
            "purchase_id": self._purchase(row),
            "answered_on": row.on,
            **{name: getattr(answers, name) for name in TEXTS},
            "has_recommended": answers.has_recommended,
            "recommended_whom": answers.whom,
            "would_recommend": answers.would_recommend,
            "lowest": answers.lowest,
        }

    def _purchase(self, row: _Row) -> int | None:
        """Return the purchase that is named, else the one that was delivered last before the answer."""
        bought = self.purchases.get(row.customer_id, [])
        if row.purchase:
            return next((each["id"] for each in bought if each["external_id"] == row.purchase), None)
        return next(
            (
                each["id"]
                for each in bought
                if each["status"] == PurchaseStatus.DELIVERED
                and each["delivered_on"]
                and each["delivered_on"] <= row.on
            ),
            None,
        )


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _score(text: str, name: str, most: int) -> int | None:
    """Read a cell that holds a score: 4, 4.0, 4/5, or 4 - good."""
    if not text:
        return None
    match = _SCORE.fullmatch(text)
    if match is None or int(match[1]) > most:
        raise BadValue(f'{name}: "{text}" is no score from 0 to {most}.', field=name)
    return int(match[1])


def _yes_or_no(text: str) -> bool | None:
    word = text.casefold().strip(" .!")
    if not word:
        return None
    first = re.split(r"[ ,.;:!–-]", word, maxsplit=1)[0]
    if first not in _YES | _NO:
        raise BadValue(f'has_recommended: "{text}" is neither yes nor no.', field="has_recommended")
    return first in _YES

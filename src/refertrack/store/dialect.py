"""What the two engines write differently, as SQL expressions that read the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, String, cast, extract, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement


class days_between(FunctionElement[int]):  # noqa: N801 - reads as the function that it is
    """The whole days from the second date to the first: ``days_between(delivered_on, promised_on)``."""

    name = "days_between"
    inherit_cache = True
    type = Integer()


@compiles(days_between, "sqlite")
def _sqlite_days(element: Any, compiler: Any, **kw: Any) -> str:
    later, earlier = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _postgres_days(element: Any, compiler: Any, **kw: Any) -> str:
    later, earlier = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(({later})::date - ({earlier})::date)"


class as_text(FunctionElement[str]):  # noqa: N801 - reads as the function that it is
    """A whole number as text, the same on both engines."""

    name = "as_text"
    inherit_cache = True
    type = String()


@compiles(as_text)
def _text(element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(CAST({value} AS INTEGER) AS TEXT)"


def year_of(day: Any) -> ColumnElement[str]:
    """The year of a date: 2026; '' where there is no date."""
    return func.coalesce(as_text(extract("year", day)), "")


def quarter_of(day: Any) -> ColumnElement[str]:
    """The quarter of a date: 2026-Q1; '' where there is no date."""
    quarter = (cast(extract("month", day), Integer) + 2) // 3
    return func.coalesce(as_text(extract("year", day)).concat("-Q").concat(as_text(quarter)), "")


class month_start(FunctionElement[date]):  # noqa: N801 - reads as the function that it is
    """The first day of a date's month."""

    name = "month_start"
    inherit_cache = True
    type = Date()


@compiles(month_start, "sqlite")
def _sqlite_month(element: Any, compiler: Any, **kw: Any) -> str:
    (day,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"date({day}, 'start of month')"


@compiles(month_start, "postgresql")
def _postgres_month(element: Any, compiler: Any, **kw: Any) -> str:
    (day,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(date_trunc('month', {day}) AS DATE)"

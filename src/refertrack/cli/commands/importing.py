"""Files in: from a spreadsheet or another program's export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refertrack.cli.desk import Desk
from refertrack.rules.errors import FileTrouble, Kept, WrongUsage

if TYPE_CHECKING:
    from refertrack.exchange.csvread import Row, Table
    from refertrack.exchange.mapping import Mapping
    from refertrack.exchange.order_lines import OrderTotal
    from refertrack.workflows.imports import Imported, Line

SHOWN = 5
ONE = {
    "customers": "customer", "purchases": "purchase", "referrals": "referral", "asks": "ask",
    "surveys": "survey", "spend": "row of spending",
}  # fmt: skip
# For each kind the module of workflows with a function import_KIND.
_IMPORTERS = {
    "customers": "import_customers", "surveys": "import_surveys", "referrals": "import_referrals",
    "asks": "import_asks", "spend": "spending",
}  # fmt: skip


def import_(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help="customers, purchases, surveys (told from the file); referrals, asks, spend.",
        ),
    ],
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A CSV file; - for standard input.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds a field; FIELD:=VALUE for all rows."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")] = False,
    source: Annotated[str, typer.Option("--source", metavar="NAME", help="The system that the ids belong to.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad row; import nothing.")] = False,
    add_customers: Annotated[
        bool, typer.Option("--add-customers", help="With purchases: add customers whom nobody knows.")
    ] = False,
    lines: Annotated[
        str | None,
        typer.Option("--lines", metavar="FILE", help="With purchases: the orders' lines, which make the amounts."),
    ] = None,
    rejects: Annotated[
        str | None, typer.Option("--rejects", metavar="FILE", help="Where bad rows go; beside the file if left out.")
    ] = None,
    anyway: Annotated[
        str, typer.Option("--anyway", metavar="WHY", help="Take in people who asked to be forgotten once.")
    ] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", metavar="C", help="What separates cells.")] = "",
    encoding: Annotated[str, typer.Option("--encoding", metavar="NAME", help="utf-8, cp1252, …")] = "",
) -> None:
    """Read customers, purchases, answers to the survey, referrals, asks or spending from a file.

    Example: refertrack import customers contacts.csv --map segment="Customer group" --dry-run
    """
    desk = Desk(ctx)
    from refertrack.exchange.csvread import read_table

    given_kind, path = _kind_and_path(kind, file)
    _check_rejects(rejects)
    table = read_table(_stream(path), encoding=encoding, delimiter=delimiter)
    found = _mapping(desk, table, given_kind, mapping or [])
    if desk.screen.mode == "table":
        _show_mapping(desk, table, found)
    totals = _totals(found, lines, encoding=encoding)
    wishes: dict[str, Any] = {"strict": strict, "anyway": anyway, "totals": totals}
    result, bad = _run(desk, table, found, source, dry_run=dry_run, add_customers=add_customers, **wishes)
    may_ask = (
        found.kind != "surveys"
        and result.unknown_customers
        and not add_customers
        and not dry_run
        and desk.screen.interactive
    )
    if may_ask and desk.screen.confirm(f"{len(result.unknown_customers)} customers are not known. Add them?"):
        result, bad = _run(desk, table, found, source, dry_run=False, add_customers=True, **wishes)
    rejects_file, trouble = (None, None) if dry_run else _write_rejects(path, rejects, table, bad)
    desk.screen.changed(
        _sentence(result, found.kind, dry_run=dry_run, rejects_file=rejects_file, add_customers=add_customers),
        _record(result, found, rejects_file, dry_run=dry_run),
        "refertrack due · take it back: refertrack undo" if not dry_run else "Without --dry-run it is done.",
    )
    if trouble is not None:
        raise _not_written(result, trouble)
    if result.rejected and len(result.rejected) == result.read:
        raise typer.Exit(1)


def _check_rejects(wanted: str | None) -> None:
    """See that the rejected rows can go where they should, before anything is read."""
    if wanted is None:
        return
    from refertrack.store.files import check_target

    try:
        check_target(Path(wanted))
    except FileTrouble as error:
        raise FileTrouble(error.message, "Give another name to --rejects. Nothing was imported.") from error


def _kind_and_path(kind: str, file: str | None) -> tuple[str, Path | None]:
    from refertrack.exchange.fields import FIELDS

    if file is None:
        if kind in FIELDS:
            raise WrongUsage("Which file?", f"Like this: refertrack import {kind} FILE.csv")
        return "", None if kind == "-" else Path(kind)
    return kind, None if file == "-" else Path(file)


def _stream(path: Path | None) -> Any:
    import sys

    return path if path is not None else sys.stdin.buffer


def _mapping(desk: Desk, table: Table, kind: str, options: list[str]) -> Mapping:
    from refertrack.exchange.fields import FIELDS, header_key
    from refertrack.exchange.map_options import with_options
    from refertrack.exchange.mapping import check_required, guess, guess_kind
    from refertrack.exchange.survey_fields import with_questions

    known = kind or guess_kind(table.columns, table.sample)
    if not known:
        raise FileTrouble(
            f"{table.name} does not show what it holds.",
            f"Say it: refertrack import {' | '.join(FIELDS)} {table.name}",
        )
    own = with_questions(desk.business.survey, header_key) if known == "surveys" else ()
    found = with_options(guess(known, table.columns, table.sample, own), options)
    check_required(found, table.name)
    return found


def _show_mapping(desk: Desk, table: Table, found: Mapping) -> None:
    """Show which column is taken for what, with the first values of each."""
    from refertrack.exchange.records import apply

    screen = desk.screen
    title = found.title or "A table"
    screen.line(f"{title} of {found.kind}, {table.encoding}, {len(table.columns)} columns.")
    sample = [apply(found, row) for row in table.sample[:3]]
    for columns, name in found.pairs:
        values = " · ".join((record.get(name, "") or "–")[:24] for record in sample)
        screen.line(f"  {columns[:32]:<32} → {name:<16} {values}")
    if found.unused:
        screen.line(f"  left out: {', '.join(found.unused)[:100]}")


def _totals(found: Mapping, file: str | None, *, encoding: str) -> dict[str, OrderTotal]:
    """Add up the lines of orders that stand in a file of their own."""
    if file is None:
        return {}
    if found.kind != "purchases" or "external_id" not in found.fields:
        raise WrongUsage("Lines belong to purchases that have an order id.",
                         "refertrack import purchases orders.csv --lines order-lines.csv")  # fmt: skip
    from refertrack.exchange.csvread import read_table
    from refertrack.exchange.order_lines import order_totals

    return order_totals(read_table(Path(file), encoding=encoding, delimiter=""))


def _lines(
    table: Table,
    found: Mapping,
    totals: dict[str, OrderTotal],
    currency: str,
    tell: Callable[[int, int], None] | None = None,
) -> Iterator[Line]:
    from refertrack.exchange.records import records
    from refertrack.workflows.imports import Line

    for record in records(table.rows(tell), found):
        if record.row.reason or any(record.values.values()):  # a row of blanks says nothing
            values, total = record.values, totals.get(record.values.get("external_id", ""))
            if total is not None and not total.problem:
                values = values | total.values(values.get("currency") or currency)
            problem = record.row.reason or (total.problem if total else "")
            yield Line(record.row.line, values, problem)


def _run(
    desk: Desk,
    table: Table,
    found: Mapping,
    source: str,
    *,
    dry_run: bool,
    strict: bool,
    anyway: str,
    add_customers: bool,
    totals: dict[str, OrderTotal],
) -> tuple[Imported, dict[int, str]]:
    """Run the import in one transaction; a dry run takes it back."""
    from refertrack.workflows.imports import SourceFile

    file = SourceFile(table.name, table.sha256, source or found.source)
    tell = desk.progress(f"Reading {table.name}")
    bad: dict[int, str] = {}
    try:
        with desk.writing() as (session, _):
            if dry_run:
                session.info["dry_run"] = True
            take = _importer(found.kind, add_customers=add_customers, anyway=anyway)
            currency = desk.business.currency
            result = take(session, lambda: _lines(table, found, totals, currency, tell), file, strict=strict)
            bad.update(result.rejected)
    except Kept as error:
        if bad:
            error.add(
                f"{_many(len(bad), 'row')} {'was' if len(bad) == 1 else 'were'} rejected: import the same file once"
                " more to see why (what is in stays as it is)"
            )
        raise
    return result, bad


def _importer(kind: str, *, add_customers: bool, anyway: str) -> Callable[..., Imported]:
    """Return what takes in rows of a kind."""
    from functools import partial

    if kind == "purchases":
        from refertrack.workflows.import_purchases import import_purchases

        return partial(import_purchases, add_customers=add_customers)
    from importlib import import_module

    module = import_module(f"refertrack.workflows.{_IMPORTERS[kind]}")
    take: Callable[..., Imported] = getattr(module, f"import_{kind}")
    return partial(take, anyway=anyway) if kind == "customers" else take


def _write_rejects(
    path: Path | None, wanted: str | None, table: Table, bad: dict[int, str]
) -> tuple[Path | None, FileTrouble | None]:
    """Write the bad rows beside the file, with line and reason; return where, or what was in the way."""
    if not bad:
        return None, None
    from refertrack.exchange.csvread import Row
    from refertrack.exchange.rejects import rejects_path, write_rejects

    place = Path(wanted) if wanted else rejects_path(path or Path("standard-input.csv"))
    rows: Iterator[Row] = (
        Row(row.line, row.cells, row.reason or bad[row.line]) for row in table.rows() if row.line in bad
    )
    try:
        write_rejects(place, table.columns, rows)
    except FileTrouble as error:
        reason = error.message.removeprefix(f"{place} could not be written: ")
        return None, FileTrouble(f"could not be written to {place}: {reason}")
    return place, None


def _not_written(result: Imported, trouble: FileTrouble) -> FileTrouble:
    """Say what is in and what could not be written: the good rows stay, and the same file again changes nothing."""
    good, bad = result.read - len(result.rejected), len(result.rejected)
    words = f"{_many(good, 'row')} {'is' if good == 1 else 'are'} in, but" if good else "No row is in, and"
    return FileTrouble(
        f"{words} the {_many(bad, 'rejected row')} {trouble.message}",
        "The same command again, with another place (--rejects OTHER), writes them and leaves what is in as it is.",
    )


def _sentence(result: Imported, kind: str, *, dry_run: bool, rejects_file: Path | None, add_customers: bool) -> str:
    would = "Would add" if dry_run else "Added"
    parts = [f"{would} {_many(result.added, ONE[kind])}"]
    if result.new_customers:
        parts.append(_many(result.new_customers, "new customer"))
    parts.append(f"updated {result.updated:,}" if not dry_run else f"update {result.updated:,}")
    parts.append(f"left {result.unchanged:,} as they are" if not dry_run else f"leave {result.unchanged:,} as they are")
    if result.rejected:
        parts.append(f"{'reject' if dry_run else 'rejected'} {len(result.rejected):,}")
    lines = [", ".join(parts) + "."]
    lines += [f"  line {line}: {reason}" for line, reason in result.rejected[:SHOWN]]
    if len(result.rejected) > SHOWN:
        lines.append(f"  … and {len(result.rejected) - SHOWN:,} more")
    if rejects_file is not None:
        lines.append(f"The rejected rows, with line and reason: {rejects_file}")
    if result.unknown_customers and not add_customers:
        more = "." if kind != "purchases" else ", or add them as they come: --add-customers"
        lines.append(f"{len(result.unknown_customers):,} customers are not known. Import them first{more}")
    if result.doubts:
        lines.append(f"{_many(len(result.doubts), 'row')} came in, but not in all that they say:")
        lines += [f"  line {line}: {reason}" for line, reason in result.doubts[:SHOWN]]
    if result.phones_as_written:
        lines.append(f"{result.phones_as_written:,} phone numbers are kept as written: their country is not known.")
    lines += [
        f"{_many(count, one)} {words}"
        for count, one, words in (
            (result.due, "follow-up", "made."),
            (result.won, "referral", "won by a first purchase."),
            (result.left_out, "follow-up", "left out: more than 30 days past."),
        )
        if count
    ]
    return "\n".join(lines)


def _many(count: int, one: str) -> str:
    first, _, rest = one.partition(" of ")
    words = first if count == 1 else f"{first}s"
    return f"{count:,} {words}{f' of {rest}' if rest else ''}"


def _record(result: Imported, found: Mapping, rejects_file: Path | None, *, dry_run: bool) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "format": found.title,
        "dry_run": dry_run,
        "read": result.read,
        "added": result.added,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "rejected": len(result.rejected),
        "rejects": [{"line": line, "reason": reason} for line, reason in result.rejected],
        "doubts": [{"line": line, "reason": reason} for line, reason in result.doubts],
        "rejects_file": str(rejects_file) if rejects_file else None,
        "new_customers": result.new_customers,
        "unknown_customers": len(result.unknown_customers),
        "follow_ups": result.due,
        "referrals_won": result.won,
        "follow_ups_left_out": result.left_out,
        "mapping": {name: columns for columns, name in found.pairs},
    }

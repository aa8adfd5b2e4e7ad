"""What should follow a change whose commit ended with an error is named, with the command that does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from conftest import Program
from refertrack.rules.errors import FileTrouble


@contextmanager
def not_confirmed() -> Iterator[None]:
    """Let every commit end with an error after it is kept."""

    def gone(_: Session) -> None:
        raise OperationalError("", {}, Exception("the line is dead"), connection_invalidated=True)

    event.listen(Session, "after_commit", gone)
    try:
        yield
    finally:
        event.remove(Session, "after_commit", gone)


def test_after_an_erasing_the_backups_are_named(file_shop: Program) -> None:
    file_shop("add-customer", "Hanna Berg")
    assert file_shop("backup").code == 0
    with not_confirmed():
        ran = file_shop("forget-customer", "hanna", "--yes", "--confirm", "Hanna Berg", "--purge-backups")
    assert (ran.code, "The change is written to" in ran.err, "backups may still hold them" in ran.err) == (
        1,
        True,
        True,
    )
    assert "refertrack forget-customer 1 --purge-backups" in ran.err
    assert "Written anew without them: 1 backup" in file_shop("forget-customer", "1", "--purge-backups").err


@pytest.mark.parametrize("bad", ["", ",bo@ek.example\n"])
def test_after_an_import_rejected_rows_are_named(shop: Program, tmp_path: Path, bad: str) -> None:
    file = tmp_path / "c.csv"
    file.write_text(f"Name,Email\nAnna Ek,anna@ek.example\n{bad}")
    with not_confirmed():
        ran = shop("import", "customers", file)
    told = "1 row was rejected: import the same file once more to see why" in " ".join(ran.err.split())
    assert (ran.code, "The change is written to" in ran.err, told) == (1, True, bool(bad))
    shop("import", "customers", file)
    assert [row["name"] for row in shop("customers", "--json").json] == ["Anna Ek"]
    assert len(list(tmp_path.glob("*reject*"))) == bool(bad)


LEFT = ("config set sender 'Nora Lind'", "refertrack import customers c.csv")


def test_after_the_business_is_set_up_the_rest_is_named(shop: Program) -> None:
    with not_confirmed():
        ran = shop("init", "--business", "Lind", "--sender", "Nora Lind", "--import", "c.csv")
    assert (ran.code, [words in " ".join(ran.err.split()) for words in LEFT]) == (1, [True, True])
    with not_confirmed():
        alone = shop("init", "--business", "Berg")
    assert (alone.code, "what is left" in alone.err) == (1, False)


def test_where_ones_own_file_may_not_be_written_the_way_out_is_another_file(
    shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise FileTrouble(f"You may not write to {path.parent}.", "Choose a folder of yours.")

    monkeypatch.setattr("refertrack.cli.personal.safe_write", refused)
    line = ("init", "--business", "Lind", "--sender", "Nora Lind", "--import", "c.csv")
    half = shop(*line)
    for words in (*LEFT, "c.csv is not imported.", "REFERTRACK_CONFIG", "; sender could not be kept: You may not"):
        assert words in " ".join(half.err.split())
    again = shop(*line)
    assert (again.code, "is set up" in again.err, "REFERTRACK_CONFIG" in again.err) == (1, False, True)

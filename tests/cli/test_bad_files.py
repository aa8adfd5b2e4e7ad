"""Files that are not as they should be: read where it can be told what they mean, else refused with the place."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from conftest import Program

PLAIN = "name,email,city\nÅsa Öberg,asa@x.example,Malmö\nJosé Núñez,jose@x.example,Gijón\n"
NAMES = ["José Núñez", "Åsa Öberg"]


def put(folder: Path, data: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def names(program: Program) -> list[str]:
    return sorted(row["name"] for row in program("customers", "--json").json)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PLAIN.encode(), id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN.encode(), id="byte order mark"),
        pytest.param(PLAIN.encode("utf-16"), id="utf-16"),
        pytest.param(b"\xfe\xff" + PLAIN.encode("utf-16-be"), id="utf-16 big-endian"),
        pytest.param(PLAIN.encode("utf-32"), id="utf-32"),
        pytest.param(PLAIN.encode("cp1252"), id="cp1252"),
        pytest.param(PLAIN.replace(",", ";").encode(), id="semicolons"),
        pytest.param(PLAIN.replace(",", "\t").encode("utf-16"), id="tabs"),
        pytest.param(PLAIN.replace(",", "|").encode(), id="bars"),
        pytest.param(b"sep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n").encode(), id="sep line"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), id="old line ends"),
        pytest.param(b"My customers\n\n" + PLAIN.encode(), id="title above"),
        pytest.param(PLAIN.rstrip().encode(), id="no last line end"),
        pytest.param((PLAIN + "\n , , \n\n").encode(), id="blank rows"),
        pytest.param(PLAIN.replace("Malmö", '"Malmö,\n2nd floor\n"').encode(), id="line breaks in a cell"),
        pytest.param(PLAIN.replace("city", "email").encode(), id="a header twice"),
        pytest.param(PLAIN.replace("Malmö", f'"{"x" * 199}"').encode(), id="a long cell"),
    ],
)
def test_what_can_be_told_is_read(file_shop: Program, tmp_path: Path, data: bytes) -> None:
    result = file_shop("import", "customers", put(tmp_path, data), "--json")
    assert (result.code, result.json["added"], result.json["rejected"]) == (0, 2, 0), result.err
    assert names(file_shop) == NAMES


def spreadsheet() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 100)
    return stream.getvalue()


BROKEN = PLAIN.encode().replace(b"Malm\xc3\xb6", b"Malm\xc3 ") + "Zoë,z@x.example,Ürümqi\n".encode() * 5


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf\r\n  \r\n", "is empty", id="blanks"),
        pytest.param(b"name,email\n", "has a header and no rows", id="header alone"),
        pytest.param(spreadsheet(), "a spreadsheet (.xlsx, .ods) or a zip file", id="spreadsheet"),
        pytest.param(spreadsheet()[:60], "a spreadsheet (.xlsx, .ods) or a zip file", id="truncated zip"),
        pytest.param(gzip.compress(PLAIN.encode()), "gunzip", id="gzip"),
        pytest.param(b"%PDF-1.7\n1 0 obj", "a PDF", id="pdf"),
        pytest.param(b"SQLite format 3\x00" + bytes(100), "a database", id="database"),
        pytest.param(b"BEGIN:VCARD\nVERSION:3.0\nFN:Jo\nEND:VCARD\n", "vCards", id="vcard"),
        pytest.param(b"<!DOCTYPE html><table><tr><td>Jo", "a web page", id="html"),
        pytest.param(b'[{"name": "Jo"}]', "JSON", id="json"),
        pytest.param(bytes(range(256)) * 40, "no text", id="bytes"),
        pytest.param(BROKEN, "line 2, character 29", id="damaged utf-8"),
        pytest.param(PLAIN.encode().replace(b"Gij", b"G\0j"), "NUL character: line 3, character 28", id="nul"),
        pytest.param((PLAIN + 'Jo,"jo@x.example,Lund\n').encode(), "line 4: the quotation mark", id="open quote"),
        pytest.param(PLAIN.encode("utf-16")[:-1], "utf-16", id="half a character"),
        pytest.param(b"wibble,wobble\n1,2\n", "No column of", id="nothing known"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_place(
    file_shop: Program, tmp_path: Path, data: bytes, words: str
) -> None:
    result = file_shop("import", "customers", put(tmp_path, data))
    assert (result.code, result.out) == (1, ""), result.err
    assert words.casefold() in result.err.casefold()
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) <= 3
    assert names(file_shop) == []
    assert [path.name for path in tmp_path.iterdir() if "reject" in path.name] == []


def test_a_missing_file_a_folder_and_one_that_may_not_be_read(
    file_shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no file" in file_shop("import", "customers", tmp_path / "none.csv").err
    assert "is a folder" in file_shop("import", "customers", tmp_path).err
    locked = put(tmp_path, PLAIN, "locked.csv")
    real = Path.open

    def opened(self: Path, *arguments: object, **options: object) -> object:
        if self.name == "locked.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", opened)
    result = file_shop("import", "customers", locked)
    assert (result.code, "may not be read by you" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f'"{"x" * 100_001}",a@x.example,Lund', '"name" has more than 100,000 characters'),
        (f"{'x' * 100_000},a@x.example,Lund", "100,000 characters; the limit is 200"),
        ("Jo,jo@x.example,Lund,more", "4 cells where the header has 3"),
        ("Jo,not-an-address,Lund", "not-an-address"),
    ],
)
def test_a_bad_row_is_told_and_the_rest_is_in(file_shop: Program, tmp_path: Path, row: str, reason: str) -> None:
    result = file_shop(
        "import", "customers", put(tmp_path, f"{PLAIN}{row}\nBo Dahl,bo@x.example,Lund\n"), "--json"
    ).json
    assert (result["added"], [bad["line"] for bad in result["rejects"]]) == (3, [4])
    assert reason in result["rejects"][0]["reason"]
    kept = Path(result["rejects_file"]).read_text(encoding="utf-8")
    assert kept.splitlines()[0] == "name,email,city,line,reason" or "beyond 1" in kept.splitlines()[0]


def test_a_table_from_a_pipe(file_shop: Program) -> None:
    result = file_shop("import", "customers", "-", "--json", stdin=PLAIN)
    assert (result.json["added"], names(file_shop)) == (2, NAMES)


def test_a_known_encoding_can_be_told_and_an_unknown_one_is_refused(file_shop: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "name,email\nИван,ivan@x.example\n".encode("koi8_r"))
    assert file_shop("import", "customers", path, "--encoding", "wibble").code == 2
    assert file_shop("import", "customers", path, "--encoding", "koi8_r", "--json").json["added"] == 1
    assert names(file_shop) == ["Иван"]


def test_an_import_stops_halfway_without_a_trace(
    file_shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quotation mark that is never closed, far behind the first rows that were written already."""
    monkeypatch.setattr("refertrack.store.bulk.BATCH", 50)
    rows = "".join(f"Name {number},n{number}@x.example,Lund\n" for number in range(500))
    path = put(tmp_path, f'name,email,city\n{rows}Jo,"jo@x.example,Lund\nAnna,a@x.example,Lund\n')
    result = file_shop("import", "customers", path)
    assert (result.code, "line 502" in result.err) == (1, True), result.err
    assert names(file_shop) == []
    assert file_shop("history", "--json").json == []


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_a_file_that_opens_and_cannot_be_read_is_named(file_shop: Program) -> None:
    told = file_shop("import", "customers", "/proc/self/mem")
    assert (told.code, "/proc/self/mem cannot be read: " in told.err) == (1, True)

"""Each library has its reason on the page, and its hashes in the lock files that README and CI install from."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as plain_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEEDED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEV = [Requirement(line) for line in PROJECT["project"]["optional-dependencies"]["dev"]]
BUILD = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
LOCKS = {"requirements.lock": [*NEEDED, *BUILD], "requirements-dev.lock": [*NEEDED, *BUILD, *DEV]}


def names(requirements: list[Requirement]) -> list[str]:
    return sorted({plain_name(each.name) for each in requirements})


def test_the_page_has_each_library_with_its_reason_and_no_other() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    for requirements, table in zip((NEEDED, DEV), page.split("| --- | --- | --- |\n")[1:], strict=True):
        rows = [line.split(" | ") for line in table.split("\n\n")[0].splitlines()]
        listed = [name for row in rows for name in row[0].removeprefix("| ").split(", ")]
        assert sorted(listed) == names(requirements)
        assert [row for row in rows if not row[1].strip(" |")] == []


def locked(lock: str) -> list[tuple[Requirement, list[str]]]:
    """The packages of a lock file, each with its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if line.lstrip()[:1] != "#"))
    return [
        (Requirement(entry.split("\\\n")[0].strip()), re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry))
        for entry in entries
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_all_that_is_needed_in_one_version_with_hashes(lock: str) -> None:
    found = locked(lock)
    assert [str(each) for each, hashes in found if len(str(each.specifier).split("==")) != 2 or not hashes] == []
    versions: dict[str, list[str]] = {}
    for each, _ in found:
        versions.setdefault(plain_name(each.name), []).append(str(each.specifier).removeprefix("=="))
    for wanted in LOCKS[lock]:
        held = versions[plain_name(wanted.name)]
        assert [version for version in held if version not in wanted.specifier] == [], wanted


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_is_for_every_machine(lock: str) -> None:
    """No place of the machine that wrote it, and wheels for each system of what is compiled."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?://|file:|--index|--find-links|(?:^|\s)/\w+", text) == []
    hashes = {plain_name(each.name): found for each, found in locked(lock)}
    assert min(len(hashes[name]) for name in ("sqlalchemy", "psycopg-binary", "rapidfuzz")) > 20


def test_what_everybody_installs_is_what_was_tested() -> None:
    """The development lock is the other one, and more."""
    user, dev = ({str(each): hashes for each, hashes in locked(lock)} for lock in LOCKS)
    assert {name for name in user if name not in dev} == set()
    assert {name for name, hashes in user.items() if dev[name] != hashes} == set()


def test_readme_installs_from_the_lock_files_alone() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for lock, mark in zip(LOCKS, ("demo", "tests"), strict=True):
        command = re.search(rf"<!-- {mark} -->\n```sh\n(.*)\n```", readme)
        assert command is not None
        installs = [part.partition("pip install -q ")[2] for part in command[1].split(" && ") if "pip install" in part]
        assert installs == [f"-r {lock}", "--no-deps --no-build-isolation -e ."]


HOLE = {"id": "PYSEC-1", "fix_versions": ["2.0"]}


@pytest.mark.parametrize(
    ("printed", "failed", "code", "words"),
    [
        ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, "", 0, "1 packages audited, 0 holes."),
        ({"dependencies": [{"name": "a", "version": "1", "vulns": [HOLE]}]}, "", 1, "a 1: PYSEC-1, mended in 2.0"),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, "", 0, "none of 1 packages could be audited"),
        (None, "requests.exceptions.ConnectionError: no route", 0, "nothing was audited"),
        (None, "KeyError: 'x'", 1, "pip-audit failed: KeyError: 'x'"),
    ],
)
def test_a_hole_fails_the_audit_and_a_missing_network_does_not(
    tmp_path: Path, printed: object, failed: str, code: int, words: str
) -> None:
    stand_in = tmp_path / "pip_audit.py"
    body = json.dumps(printed) if printed else ""
    stand_in.write_text(f"import sys\nprint({body!r})\nsys.stderr.write({failed!r})\n", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, ROOT / ".ci/audit"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, words in told.stdout) == (code, True), told

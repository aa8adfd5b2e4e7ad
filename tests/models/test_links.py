"""A module of tables can be used alone: what its tables link to comes along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from refertrack import models

MODULES = sorted(path.stem for path in Path(models.__path__[0]).glob("*.py") if not path.stem.startswith("_"))
LINKS = """
from importlib import import_module
import_module("refertrack.models.{module}")
from refertrack.models.base import Base
print(*(link.column for table in Base.metadata.tables.values() for link in table.foreign_keys))
"""


@pytest.mark.parametrize("module", MODULES)
def test_every_link_finds_its_table(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINKS.format(module=module)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr.splitlines()[-1]

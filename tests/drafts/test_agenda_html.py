"""The staff meeting's page: valid, self-contained, safe with any words, and nothing found by axe in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_report_html import browser  # noqa: F401

from conftest import Program

HOSTILE = "<script>alert(1)</script> [red] & \x1b]8;;http://x\x07 {{ 7 * 7 }}"


@pytest.fixture
def page(file_shop: Program, tmp_path: Path) -> Path:
    """A page with something in most of its sections."""
    file_shop("config", "set", "name", "Lind & Sons <b>")
    file_shop("add-customer", HOSTILE, "--segment", "Retail & Co")
    file_shop("complain", 1, HOSTILE, "--process", "delivery", "--severity", "4", "--on", "2026-11-02")
    file_shop("remarkable", "drove back", "--praised", HOSTILE)
    file_shop("add-action", HOSTILE, "--because", "two complaints", "--measure", "satisfied")
    path = tmp_path / "agenda.html"
    found = file_shop("agenda", "--html", path)
    assert found.code == 0, found.err
    return path


def test_the_page_is_valid_needs_nothing_else_and_runs_nothing(page: Path) -> None:
    import html5lib

    text = page.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)|url\(|@import|<script|\x1b", text)
    assert "default-src 'none'" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [red] &amp;" in text
    assert "{{ 7 * 7 }}" in text
    assert "<p>Lind &amp; Sons &lt;b&gt;</p>" in text
    assert "No idea is open." in text
    assert page.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, page: Path, scheme: str) -> None:  # noqa: F811
    from axe_playwright_python.sync_playwright import Axe

    tab = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    tab.goto(page.as_uri())
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tab.close()

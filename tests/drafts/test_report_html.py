"""The HTML report: valid, self-contained, safe with any name, and nothing found by axe in a real browser."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Program

HOSTILE = "<script>alert(1)</script> [red] & \x1b]8;;http://x\x07"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
MEDIA_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")
ARTIFACTS = Path(__file__).parents[2] / "artifacts"


@pytest.fixture
def page(file_shop: Program, tmp_path: Path) -> Path:
    """Every report of a small business, as one page."""
    file_shop("add-customer", HOSTILE, "--segment", "Retail & Co")
    file_shop("add-customer", "Bo Dahl", "--segment", "Private")
    for who, day in ((1, "2026-03-01"), (2, "2026-06-01"), (1, "2026-06-02"), (2, "2026-06-30")):
        file_shop("add-purchase", who, "--product", "Pump", "--amount", "900", "--ordered", day, "--promised",
                  "2026-07-01", "--delivered", "2026-07-02")  # fmt: skip
    file_shop("refer", 1, "Cy Ek")
    file_shop("won", 1, "--amount", "100")
    path = tmp_path / "report.html"
    found = file_shop("report", "all", "--html", path)
    assert found.code == 0, found.err
    return path


def test_the_page_is_valid_and_needs_nothing_else(page: Path) -> None:
    import html5lib

    text = page.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    # Names of XML's namespaces are no addresses that anything is fetched from.
    addresses = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)|url\(|@import|<script|https?://(?!x\b)", addresses)
    assert "default-src 'none'" in text
    assert len(set(re.findall(r' id="([^"]+)"', text))) == len(re.findall(r' id="([^"]+)"', text))


def test_names_are_shown_and_never_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [red] &amp;" in text
    assert "Retail &amp; Co" in text
    assert "\x1b" not in text
    assert "<script" not in text


def test_each_picture_says_how_sure_it_is(page: Path) -> None:
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page.read_text(encoding="utf-8"))
    assert "took part by segment, in %, with 95 % intervals" in captions
    assert "together by segment, in EUR, with 80 % intervals" in captions
    assert "revenue by segment, in EUR" in captions


def test_the_page_is_its_owners_and_over_nothing_unasked(file_shop: Program, page: Path, tmp_path: Path) -> None:
    assert page.stat().st_mode & 0o777 == 0o600
    again = file_shop("report", "--html", page)
    assert (again.code, "is there already" in again.err) == (1, True)
    assert file_shop("report", "--html", page, "--force").code == 0
    link = tmp_path / "link.html"
    link.symlink_to(page)
    refused = file_shop("report", "--html", link, "--force")
    assert (refused.code, "symbolic link" in refused.err) == (1, True)


def test_all_reports_together_make_a_page(file_shop: Program, tmp_path: Path) -> None:
    found = file_shop("report", "all")
    assert (found.code, "make a page" in found.err) == (2, True)
    empty = file_shop("report", "all", "--html", tmp_path / "empty.html", "--json")
    assert empty.json["reports"][:2] == ["referrals", "reasons"]
    assert "Nothing to report" in (tmp_path / "empty.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("CI looks at the report in a browser: chromium is missing.")
        pytest.skip("No browser here: install chromium to see the HTML report tested in one.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, page: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    ARTIFACTS.mkdir(exist_ok=True)
    tab.screenshot(path=ARTIFACTS / f"report-{scheme}.png", full_page=True)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert asked == [page.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    cut = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth).length"
    assert tab.evaluate(cut) == 0  # every table is seen whole
    tab.close()


def test_the_page_prints_on_a4(browser: Any, page: Path) -> None:
    tab = browser.new_page()
    tab.goto(page.as_uri())
    ARTIFACTS.mkdir(exist_ok=True)
    printed = tab.pdf(path=ARTIFACTS / "report.pdf", prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    assert {(round(float(wide)), round(float(high))) for wide, high in MEDIA_BOX.findall(printed)} == {(595, 842)}
    tab.close()


@pytest.mark.parametrize("what", ["growth", "referrals", "strength"])
def test_many_figures_print_across_the_sheet_and_none_is_cut_off(
    browser: Any, file_shop: Program, page: Path, tmp_path: Path, what: str
) -> None:
    path = tmp_path / f"{what}.html"
    assert file_shop("report", what, "--detail", "--html", path).code == 0
    tab = browser.new_page(viewport={"width": 1017, "height": 700})  # 297 mm less the margins, at 96 dots an inch
    tab.goto(path.as_uri())
    ARTIFACTS.mkdir(exist_ok=True)
    printed = tab.pdf(path=ARTIFACTS / f"{what}-detail.pdf", prefer_css_page_size=True, print_background=True)
    assert {(round(float(wide)), round(float(high))) for wide, high in MEDIA_BOX.findall(printed)} == {(842, 595)}
    tab.emulate_media(media="print")
    right = "Math.max(...[...document.querySelectorAll('table')].map(table => table.getBoundingClientRect().right))"
    assert tab.evaluate(right) <= 1017
    tab.close()

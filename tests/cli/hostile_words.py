"""Words that have done harm elsewhere: to terminals, spreadsheets, templates, mail, pages and databases.

Those of this file are always tried; a folder of more (lists as JSON, or a text file's lines) is named by a variable:
REFERTRACK_HOSTILE=folder pytest tests/cli/test_hostile_words.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VARIABLE = "REFERTRACK_HOSTILE"
TERMINAL = [
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "ok\x1b[1A\x1b[2Kforged", "\x1b]0;title\x07", "\x1b]8;;http://x.example\x07link",
    "\x1b]52;c;cHduZWQ=\x07", "\x1bP+q544e\x1b\\", "\x9b31mred", "\x9d0;title\x9c", "back\x08\x08\x08\x08", "bell\x07",
    "wipe\rout", "\x7f\x7f\x7f", "right\u202eleft\u202c", "\u2066isolate\u2069", "soft\xadhyphen", "zero\u200bwidth",
    "\ufeffmark", "line\u2028and\u2029paragraph", "\U000e0041\U000e0042 tags", "\x0e\x0f shift", "tab\there",
]  # fmt: skip
SPREADSHEET = [
    "=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1,1)", "=HYPERLINK(\"http://x.example\",\"x\")", "＝1+1", "＠SUM(1)",
    "'=1+1", "''=1", "=", "-", "+46 70 123", "-5,00", "a;=1+1", "a\n=1+1", '"=1+1"',
    "DDE (\"cmd\";\"/C calc\";\"!A0\")A0",
]  # fmt: skip
TEMPLATE = [
    "{{7*7}}", "{{ config }}", "{% for x in y %}", "{# none #}", "${7*7}", "<%= 7*7 %>", "#{7*7}",
    "{{''.__class__.__mro__}}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{0.__class__}", "%(name)s %s %n %d", "{}", "{name}",
]  # fmt: skip
MAIL_AND_PAGES = [
    "Hello\r\nBcc: other@x.example", "a\nSubject: forged", "Jo\" <other@x.example>, \"B",
    "=?utf-8?q?forged?=", "a, b; c <d>",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "javascript:alert(1)", "]]><!--",
    "BEGIN:VEVENT\nUID:forged", "[red]bold[/red]", "[/]", "[link=http://x.example]x[/link]",
]  # fmt: skip
DATABASE = [
    "Robert'); DROP TABLE customer;--", "' OR '1'='1", "%", "_", "\\", "?", ":name",
    "NULL", "null", "None", "0", "-1", "1e400",
    "true", "NaN", "--help", "--", "-", "../../etc/passwd", "C:\\con", "$(touch x)", "`id`", "; ls", "|", "~", "*",
]  # fmt: skip
SCRIPTS = [
    "Ñandú Ægir ß ſ", "Zoe\u0308", "Zo\xeb", "İstanbul ı", "田中さん", "שלום", "مرحبا بالعالم",
    "नमस्ते", "ไทย", "👩‍👩‍👧‍👦", "🇸🇪",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "ﷺ", "﷽", "ﬀ", "Ⅷ", "①", "a\u0301\u0302\u0303", "x" * 200,
    "𝕳𝖊𝖑𝖑𝖔", "\u3000wide\u3000", "\xa0hard\xa0",
]  # fmt: skip
WORDS = [*TERMINAL, *SPREADSHEET, *TEMPLATE, *MAIL_AND_PAGES, *DATABASE, *SCRIPTS]
# What a program cannot be given, or must refuse by the field's name.
REFUSED = ["", "   ", "\n", "x" * 201, "nul\x00here", "half\ud800"]


def all_words() -> list[str]:
    """The words of this file, and of the folder that the variable names."""
    folder = os.environ.get(VARIABLE)
    return list(dict.fromkeys([*WORDS, *(found_in(Path(folder)) if folder else ())]))


def found_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json":
            yield from _texts(json.loads(path.read_text(encoding="utf-8")))
        elif path.suffix in {".txt", ".fuzz"}:
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        yield from _texts(found.get("text", ""))
    elif isinstance(found, list):
        for each in found:
            yield from _texts(each)

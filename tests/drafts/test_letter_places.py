"""Templates are found in a wheel, in an editable install and in a checkout; the user's own come first."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import jinja2
import pytest
from letter_fields import full

from refertrack.drafts.render import render
from refertrack.drafts.templates import copy_to_mine, find_letter, list_templates, template_info, template_root
from refertrack.rules.errors import FileTrouble, NotFound

ROOT = Path(__file__).resolve().parents[2]
LETTERS = sorted(path.name for path in (ROOT / "templates" / "letters").glob("*.j2"))
SHOW = "from refertrack.drafts.templates import template_root; print(template_root())"
RENDER = (
    "from refertrack.drafts.render import render; print(render('thank_you_card',"
    " {'customer': {'name': 'Ana'}, 'purchase': {'what': 'kettle'}, 'sender': {'name': 'Bo'}}).body)"
)


@pytest.fixture(scope="session")
def builders():
    """What builds the packages."""
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    return WheelBuilder, SdistBuilder


@pytest.fixture(scope="session")
def installed(builders, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the editable wheel, each unpacked as an installer would."""
    folders = {}
    for version in ("standard", "editable"):
        built = next(
            iter(builders[0](str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=[version]))
        )
        folders[version] = tmp_path_factory.mktemp(version)
        with zipfile.ZipFile(built) as wheel:
            wheel.extractall(folders[version])
    return folders


def run(code: str, elsewhere: Path, *, site: Path | None = None, path: Path | None = None) -> str:
    """Run code away from this checkout's own installation; ``site`` is a folder of installed packages."""
    start = "" if site is None else f"import site; site.addsitedir({str(site)!r})\n"
    libraries = f"import sys; sys.path.append({str(Path(jinja2.__file__).parents[1])!r})\n"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(path or ""), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-S", "-B", "-c", start + libraries + code],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_wheel_finds_its_own(installed: dict[str, Path], tmp_path: Path) -> None:
    site = installed["standard"]
    root = site.resolve() / "refertrack" / "templates"
    assert run(SHOW, tmp_path, site=site) == str(root)
    assert sorted(path.name for path in (root / "letters").iterdir()) == LETTERS
    assert "Thank you for choosing us for your kettle." in run(RENDER, tmp_path, site=site)


def test_editable_install_finds_the_checkout(installed: dict[str, Path], tmp_path: Path) -> None:
    assert run(SHOW, tmp_path, site=installed["editable"]) == str(ROOT / "templates")


def test_checkout_finds_its_own_from_anywhere(tmp_path: Path) -> None:
    assert run(SHOW, tmp_path, path=ROOT / "src") == str(ROOT / "templates")


def test_sdist_holds_the_templates(builders, tmp_path: Path) -> None:
    built = next(iter(builders[1](str(ROOT)).build(directory=str(tmp_path), versions=["standard"])))
    with tarfile.open(built) as archive:
        names = archive.getnames()
    held = sorted(Path(name).name for name in names if "/templates/letters/" in name)
    assert held == LETTERS


def test_without_templates_it_says_so(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "refertrack"
    for name in ("drafts/templates.py", "rules/errors.py", "rules/languages.py", "rules/text.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes((ROOT / "src" / "refertrack" / name).read_bytes())
    (tmp_path / "templates" / "letters").mkdir(parents=True)  # somebody else's: no checkout of ours
    code = f"try:\n {SHOW}\nexcept Exception as error:\n print(error, error.hint)"
    said = run(code, tmp_path, path=tmp_path / "lib")
    assert said == "The templates that came with refertrack are missing. Install refertrack again."


def test_the_users_own_wins(tmp_path: Path) -> None:
    own = copy_to_mine("thank_you_card", tmp_path)
    assert own == tmp_path / "letters" / "thank_you_card.txt.j2"
    assert own.stat().st_mode & 0o777 == 0o600 or os.name == "nt"
    own.write_text("{# title: my card #}\nSubject: Hi {{ customer.name }}\n\nCheers\n", encoding="utf-8")
    letter = render("thank_you_card", full(), mine=tmp_path)
    assert (letter.subject, letter.body, letter.path) == ("Hi Marta Oliveira", "Cheers\n", own)
    assert render("thank_you_card", full()).body.startswith("Dear Marta")
    info = {info.name: info for info in list_templates(tmp_path)}
    assert (info["thank_you_card"].title, info["thank_you_card"].mine) == ("my card", True)
    assert (info["delivery_check"].title, info["delivery_check"].mine) == ("arrived, and works?", False)
    assert template_info("thank_you_card", tmp_path) == info["thank_you_card"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    own = tmp_path / "letters" / "hello.txt.j2"
    own.parent.mkdir()
    own.write_text("Subject: one\n\nBody\n", encoding="utf-8")
    assert render("hello", {}, mine=tmp_path).subject == "one"
    own.write_text("Subject: second\n\nBody\n", encoding="utf-8")
    assert render("hello", {}, mine=tmp_path).subject == "second"


def test_the_users_own_part_changes_the_shipped_letters(tmp_path: Path) -> None:
    fields = full()
    before = render("survey_thanks", fields, mine=tmp_path)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "_signature.txt.j2").write_text("Yours, {{ sender.name }}\n", encoding="utf-8")
    after = render("survey_thanks", fields, mine=tmp_path)
    assert before.body.endswith("Kind regards\nNora Lind\nLind Heating, Harbour Lane 3\n")
    assert after.body.endswith("\n\nYours, Nora Lind\n")


def test_parts_are_no_letters(tmp_path: Path) -> None:
    assert not [info.name for info in list_templates() if info.name.startswith("_")]
    with pytest.raises(NotFound, match=r'There is no letter "_signature"\.'):
        find_letter("_signature")


@pytest.mark.parametrize("name", ["thank_you_card", "thank_you_card.txt", "thank_you_card.txt.j2"])
def test_a_letter_is_named_with_or_without_its_ending(name: str) -> None:
    assert find_letter(name) == template_root() / "letters" / "thank_you_card.txt.j2"


@pytest.mark.parametrize(
    "name", ["", "..", "../letters/thank_you_card", "/etc/passwd", "a\x00b", "letters/x", "no such"]
)
def test_a_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(NotFound) as caught:
        find_letter(name)
    assert caught.value.hint.endswith("All of them: refertrack templates")


def test_a_misspelled_name_gets_the_close_ones() -> None:
    with pytest.raises(NotFound) as caught:
        find_letter("thankyou_card")
    assert caught.value.hint.startswith("Close: thank_you_card")


def test_what_is_there_is_not_copied_over(tmp_path: Path) -> None:
    copy_to_mine("survey_thanks", tmp_path).write_text("mine", encoding="utf-8")
    with pytest.raises(FileTrouble, match="is there already"):
        copy_to_mine("survey_thanks", tmp_path)
    assert (tmp_path / "letters" / "survey_thanks.txt.j2").read_text(encoding="utf-8") == "mine"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "survey_thanks.txt.j2").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileTrouble, match="is there already"):
        copy_to_mine("survey_thanks", tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileTrouble, match="cannot be written"):
        copy_to_mine("survey_thanks", tmp_path / "file")


def test_a_letter_without_notes_is_listed_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "spring_greetings.txt.j2").write_bytes(b"\xff\xfe broken")
    info = template_info("spring_greetings", tmp_path)
    assert (info.title, info.about, info.to, info.mine) == ("spring greetings", "", "customer", True)


def test_jinja_is_loaded_only_to_render(tmp_path: Path) -> None:
    names = "catalogue, fields, outgoing, render, selling, templates, usage"
    code = f"from refertrack.drafts import {names}; print({{'jinja2', 'email'}} & set(sys.modules))"
    assert run(code, tmp_path, path=ROOT / "src") == "set()"

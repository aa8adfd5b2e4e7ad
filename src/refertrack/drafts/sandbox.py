"""The small language of letters: Jinja's sandbox, cut down to what a letter needs.

A letter prints fields, chooses, repeats and includes; it cannot set, call or compute. So a template that came
from elsewhere can neither reach beyond its fields nor keep the machine busy. Loads Jinja: import it only where a
letter is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import Environment
from jinja2.filters import FILTERS as STOCK_FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as STOCK_TESTS
from markupsafe import Markup

from refertrack.drafts import filters
from refertrack.drafts.fields import Group
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.money import Money

MOST_CHARACTERS = 100_000
MOST_STEPS = 10_000
# Stands for a line break inside a value until the subject is cut from the body; no value can hold it.
BREAK = "\x00"

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Include),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Tuple, nodes.List, nodes.Keyword),
    *(nodes.Filter, nodes.Test, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
_KEPT_FILTERS = ("capitalize", "d", "default", "e", "escape", "first", "last", "length", "lower", "title", "trim")
_KEPT_TESTS = ("defined", "undefined")
_LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})
_FILE = re.compile(r"\w[\w-]*(?:\.[\w-]+){0,2}\.(?:txt|html)\.j2")
# A line of nothing but tags or comments leaves no line behind. An include prints something, so its line stays;
# so does the end of a line that "{%- endif %}" is joined to.
# A tag ends before the next one begins, so that tags left open are passed in one go.
_TAG = r"(?:\{%(?!-?\s*include\b)(?:(?!%\}|\{%).)*%\}|\{#(?:(?!#\}|\{#).)*#\})"
_LONE_TAGS = re.compile(rf"^[ \t]*((?!\{{%-\s*end){_TAG}(?:[ \t]*{_TAG})*)[ \t]*\n", re.DOTALL | re.MULTILINE)

_steps: ContextVar[list[int]] = ContextVar("steps")
_languages: ContextVar[Sequence[str]] = ContextVar("languages", default=())


def begin(languages: Sequence[str]) -> None:
    """Begin a letter: its count of loop turns and includes, and the languages that its parts are looked for in."""
    _steps.set([0])
    _languages.set(languages)


def _count(steps: int) -> None:
    counter = _steps.get()
    counter[0] += steps
    if counter[0] > MOST_STEPS:
        raise LetterTrouble(f"The letter repeats more than {MOST_STEPS:,} times.", "Take out a loop or an include.")


class Unfilled(StrictUndefined):
    """A field without a value: false in a condition, an error everywhere else. Its message is the field's name."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """The field's name, with its group's."""
        return str(self._undefined_name)

    @property
    def _undefined_message(self) -> str:
        return self.path

    def __bool__(self) -> bool:  # type: ignore[override]
        return False


class _Generator(CodeGenerator):
    """Refuses what is not of the language, and counts the turns of loops."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self._check(node)
        for loop in node.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
            loop.iter.set_environment(self.environment)
        super().visit_Template(node, frame)

    def _check(self, node: nodes.Node) -> None:
        for child in node.iter_child_nodes():
            if not isinstance(child, _ALLOWED) or (isinstance(child, nodes.For) and child.recursive):
                self.fail(f"a letter cannot use {_spoken(child)}", child.lineno)
            if isinstance(child, nodes.Name) and child.name == "self":
                self.fail("a letter cannot use self", child.lineno)
            if isinstance(child, nodes.Include):
                self._check_include(child)
            self._check(child)

    def _check_include(self, node: nodes.Include) -> None:
        """Let in only a named file of the letter's own kind: plain text in HTML would not be escaped."""
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(name, str) or not _FILE.fullmatch(name):
            self.fail('include takes a file\'s name, such as "_signature.txt.j2"', node.lineno)
        if _is_html(name) != _is_html(self.name):
            self.fail(f'"{name}" is not of this letter\'s kind, text or HTML', node.lineno)


def _spoken(node: nodes.Node) -> str:
    """Return what a person would call a piece of a template."""
    known = {"Assign": "set", "AssignBlock": "set", "For": "a recursive loop", "Call": "calls, as in name(…)"}
    name = type(node).__name__
    return known.get(name, "arithmetic" if isinstance(node, nodes.BinExpr | nodes.UnaryExpr) else name.lower())


class _Loader(BaseLoader):
    """Finds letters and their parts in the folders, the first that has one."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return a template's text, its file, and whether that is still the same."""
        path = self._find(template)
        stamp = _stamp(path)
        try:
            source = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise LetterTrouble(f"{template} is not UTF-8.", "Save it as UTF-8 in your editor.") from error
        except OSError as error:
            raise LetterTrouble(f"{template} cannot be read: {error.strerror}.", "Check its rights.") from error
        if len(source) > MOST_CHARACTERS:
            raise LetterTrouble(f"{template} has more than {MOST_CHARACTERS:,} characters.", "Shorten it.")
        return _LONE_TAGS.sub(_swallow_line, source), str(path), lambda: _stamp(self._find(template)) == stamp

    def has(self, template: str) -> bool:
        """Whether one of the folders has a template."""
        return any((folder / template).is_file() for folder in self._folders)

    def _find(self, template: str) -> Path:
        if _FILE.fullmatch(template):
            for folder in self._folders:
                path = folder / template
                if path.is_file():
                    if not path.resolve().is_relative_to(folder.resolve()):
                        raise LetterTrouble(f"{template} leads out of its folder.", "Put the file itself there.")
                    return path
        raise TemplateNotFound(template)


def _stamp(path: Path) -> tuple[Path, int, int]:
    status = path.stat()
    return path, status.st_mtime_ns, status.st_size


def _swallow_line(match: re.Match[str]) -> str:
    """Move the line's end into its last tag, where it prints nothing and the lines keep their numbers."""
    tags = match[1]
    at = len(tags) - (3 if tags[-3] in "-+" else 2)
    return f"{tags[:at]}\n{tags[at:]}"


class LetterEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for letters."""

    code_generator_class = _Generator

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._parts = _Loader(folders)
        super().__init__(
            loader=self._parts,
            undefined=Unfilled,
            autoescape=_is_html,
            finalize=_printed,
            cache_size=100,
        )
        self.globals = {}
        self.filters = {name: STOCK_FILTERS[name] for name in _KEPT_FILTERS} | filters.FILTERS
        self.filters["_counted"] = _counted
        self.tests = {name: STOCK_TESTS[name] for name in _KEPT_TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a field of a group, or a loop's place; nothing else has parts."""
        if isinstance(obj, Group):
            return obj[attribute] if attribute in obj else self.undefined(name=f"{obj.path}.{attribute}")
        if isinstance(obj, Unfilled):
            return self.undefined(name=f"{obj.path}.{attribute}")
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        raise LetterTrouble(f'There is no "{attribute}" in that.', "See which fields there are: refertrack templates")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a field of a group by its name, or an item of a list by its place."""
        if isinstance(obj, tuple) and isinstance(argument, int):
            if -len(obj) <= argument < len(obj):
                return obj[argument]
            listed = obj[0].path if isinstance(obj[0], Group) else ""
            return self.undefined(name=f"{listed}[{argument}]")
        return self.getattr(obj, str(argument))

    def join_path(self, template: str, parent: str) -> str:  # noqa: ARG002
        """Return an included file's name, in the letter's language, and count the include."""
        _count(1)
        return self.part(template, _languages.get())

    def part(self, template: str, languages: Sequence[str]) -> str:
        """Return the name of a part of letters in the first of some languages that it is there in, else the plain."""
        name, dot, kind = template.partition(".")
        if kind in {"txt.j2", "html.j2"}:
            for language in languages:
                found = f"{name}.{language}{dot}{kind}"
                if self._parts.has(found):
                    return found
        return template


def _is_html(name: str | None) -> bool:
    return (name or "").endswith(".html.j2")


@pass_context
def _printed(context: Context, value: object) -> str:
    """Return a value as the letter prints it."""
    if isinstance(value, bool | tuple | Group):
        raise LetterTrouble(
            f'"{value}" is no text.' if isinstance(value, bool) else "A list or a group of fields is no text.",
            "Test it with if, repeat it with for, or join it with list_words.",
        )
    if isinstance(value, Money):
        return filters.money(context, value)
    if not isinstance(value, str | int | Unfilled) and hasattr(value, "isoformat"):
        return filters.day(context, value)
    text = value if isinstance(value, Markup) else str(value)
    return text.replace(BREAK, "").replace("\r\n", "\n").replace("\r", "\n").replace("\n", BREAK)


@pass_context  # what takes the context is never worked out ahead, when nothing is counted yet
def _counted(_: Context, items: object) -> tuple[object, ...]:
    """Return what a loop runs over, and count its turns."""
    if isinstance(items, Unfilled):
        str(items)
    if not isinstance(items, tuple | list):
        raise LetterTrouble("A loop needs a list.", "Lists are: purchases, survey.questions, talk.shared.")
    _count(len(items))
    return tuple(items)

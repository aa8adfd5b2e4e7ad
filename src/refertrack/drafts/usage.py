"""Which fields a letter uses, and what is wrong with a template before it is ever rendered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from refertrack.drafts.catalogue import FIELDS, GROUPS, unknown_hint
from refertrack.drafts.render import explained, letter_environment
from refertrack.drafts.templates import find_letter, info_of, letter_folders
from refertrack.rules.errors import LetterTrouble
from refertrack.rules.languages import codes

if TYPE_CHECKING:
    from jinja2 import nodes

    from refertrack.drafts.sandbox import LetterEnvironment


DEEPEST = 5


class Need(IntEnum):
    """How much a letter needs a field."""

    OPTIONAL = 0
    SOMETIMES = 1  # only where another field has a value
    ALWAYS = 2


@dataclass(frozen=True)
class FieldUse:
    """A field that a letter uses, and where it does so first."""

    name: str
    need: Need
    file: str
    line: int

    @property
    def required(self) -> bool:
        """Whether the letter cannot be rendered without it."""
        return self.need is Need.ALWAYS


Uses = dict[str, FieldUse]


def fields_of(name: str, mine: Path | None = None) -> tuple[FieldUse, ...]:
    """Return the fields that a letter and what it includes use, by name.

    Raises:
        NotFound: there is no letter of that name.
        LetterTrouble: the template cannot be read; the sentence names the line.

    """
    from jinja2 import TemplateError

    path = find_letter(name, mine)
    environment = letter_environment(letter_folders(mine))
    try:
        uses = _Reader(environment, path.name, codes(info_of(path).language)).read()
    except (LetterTrouble, TemplateError, RecursionError, SyntaxError, MemoryError) as error:
        raise explained(error, path.name) from error
    return tuple(uses[field] for field in sorted(uses))


def check(name: str, mine: Path | None = None) -> list[LetterTrouble]:
    """Return what is wrong with a template: its grammar, its subject, and fields that there are not.

    Raises:
        NotFound: there is no letter of that name.

    """
    path = find_letter(name, mine)
    try:
        uses = fields_of(name, mine)
    except LetterTrouble as error:
        return [error]
    found = [
        LetterTrouble(f'{use.file}, line {use.line}: there is no field "{use.name}".', unknown_hint(use.name))
        for use in uses
        if use.name not in FIELDS and use.name not in GROUPS
    ]
    if not _begins_with_subject(path.read_text(encoding="utf-8-sig")):
        found.append(
            LetterTrouble(f'{path.name}: no line begins with "Subject:".', 'Write "Subject: …" as its first line.')
        )
    return found


def _begins_with_subject(source: str) -> bool:
    """Whether a line of the template can be the subject; which one it is, conditions may decide."""
    return any(line.startswith("Subject:") for line in source.splitlines())


class _Reader:
    """Reads a template's tree. ``names`` are loop variables and what they stand for, None for no field."""

    def __init__(self, environment: LetterEnvironment, file: str, languages: Sequence[str], depth: int = 0) -> None:
        self._environment = environment
        self._file = file
        self._languages = languages
        self._depth = depth

    def read(self, given: frozenset[str] = frozenset()) -> Uses:
        """Return the uses in the file; ``given`` are the fields that are known to have a value.

        Raises:
            LetterTrouble: files include each other without end.

        """
        if self._depth > DEEPEST:
            raise LetterTrouble(f"{self._file}: files include each other too deeply.", "Take an include out.")
        self._environment.get_template(self._file)  # refuses what is not of the language
        loader = self._environment.loader
        source = loader.get_source(self._environment, self._file)[0] if loader else ""
        return self._all(self._environment.parse(source, self._file).body, given, {})

    def _all(self, body: Iterable[nodes.Node], given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        return _together(self._uses(node, given, names) for node in body)

    def _uses(self, node: nodes.Node, given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        from jinja2 import nodes

        known, path = _path(node, names)
        if known:
            return self._one(path, Need.OPTIONAL if path in given else Need.ALWAYS, node)
        match node:
            case nodes.If() | nodes.CondExpr():
                return self._choice(node, given, names)
            case nodes.For():
                return self._loop(node, given, names)
            case nodes.Include(template=nodes.Const(value=str(file))):
                part = self._environment.part(file, self._languages)
                return _Reader(self._environment, part, self._languages, self._depth + 1).read(given)
        return self._expression(node, given, names)

    def _expression(self, node: nodes.Node, given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        from jinja2 import nodes

        match node:
            case nodes.And():
                right = self._uses(node.right, given | _filled_if(node.left, names), names)
                return _together([self._uses(node.left, given, names), right])
            case nodes.Or():
                return _together([self._tested(node.left, given, names), self._uses(node.right, given, names)])
            case nodes.Not() | nodes.Test():
                return self._tested(node, given, names)
            case nodes.Filter(name="default" | "d"):
                return _together([self._tested(node.node, given, names), self._all(node.args, given, names)])
            case nodes.Filter(name="list_words"):
                return self._joined(node, given, names)
        return self._all(node.iter_child_nodes(), given, names)

    def _one(self, path: str | None, need: Need, node: nodes.Node) -> Uses:
        return {path: FieldUse(path, need, self._file, node.lineno)} if path else {}

    def _tested(self, node: nodes.Node | None, given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        """Return the uses of a condition: a field whose value is only asked for need not have one."""
        from jinja2 import nodes

        if node is None:
            return {}
        known, path = _path(node, names)
        if known:
            return self._one(path, Need.OPTIONAL, node)
        match node:
            case nodes.Not() | nodes.Test():
                return self._tested(node.node, given, names)
            case nodes.And():
                right = self._tested(node.right, given | _filled_if(node.left, names), names)
                return _together([self._tested(node.left, given, names), right])
            case nodes.Or():
                return _together([self._tested(part, given, names) for part in (node.left, node.right)])
        return self._uses(node, given, names)

    def _choice(self, node: nodes.If | nodes.CondExpr, given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        """Weigh the branches by which of them is taken when no optional field has a value."""
        from jinja2 import nodes

        inside = given | _filled_if(node.test, names)
        outside = given | (_filled_if(node.test.node, names) if isinstance(node.test, nodes.Not) else frozenset())
        if isinstance(node, nodes.CondExpr):
            then = self._uses(node.expr1, inside, names)
            other = self._uses(node.expr2, outside, names) if node.expr2 else {}
        else:
            then = self._all(node.body, inside, names)
            rest: list[nodes.Node] = [*node.else_]
            if node.elif_:
                first, *more = node.elif_
                rest = [nodes.If(first.test, first.body, more, node.else_, lineno=first.lineno)]
            other = self._all(rest, outside, names)
        taken = _when_empty(node.test, given, names)
        return _together([self._tested(node.test, given, names), _branches(then, other, taken)])

    def _loop(self, node: nodes.For, given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        from jinja2 import nodes

        listed = _path(node.iter, names)[1]
        target = node.target.name if isinstance(node.target, nodes.Name) else ""
        inside = {**names, target: listed, "loop": None}
        # Where the list is required it is not empty, so the body is run.
        body = self._all(node.body, given, inside)
        tests = self._tested(node.test, given, inside)
        body = _branches(body, {}, None) if node.test or listed is None else body
        other = _branches({}, self._all(node.else_, given, names), None)
        return _together([self._uses(node.iter, given, names), tests, body, other])

    def _joined(self, node: nodes.Filter, given: frozenset[str], names: Mapping[str, str | None]) -> Uses:
        """``purchases | list_words("what")`` uses purchases.what too."""
        from jinja2 import nodes

        uses = self._all(node.iter_child_nodes(), given, names)
        listed = _path(node.node, names)[1] if node.node else None
        if listed and node.args and isinstance(node.args[0], nodes.Const):
            need = Need.SOMETIMES if listed in given else Need.ALWAYS
            uses = _together([uses, self._one(f"{listed}.{node.args[0].value}", need, node)])
        return uses


def _path(node: nodes.Node | None, names: Mapping[str, str | None]) -> tuple[bool, str | None]:
    """Return whether a node names a value, and the field that it is (None for none, as a loop's place)."""
    from jinja2 import nodes

    match node:
        case nodes.Name():
            return True, names.get(node.name, node.name)
        case nodes.Getattr(attr=str(part)) | nodes.Getitem(arg=nodes.Const(value=str(part))):
            known, path = _path(node.node, names)
            return known, f"{path}.{part}" if path else None
        case nodes.Getitem(arg=nodes.Const(value=int())):
            return _path(node.node, names)
    return False, None


def _filled_if(test: nodes.Node, names: Mapping[str, str | None]) -> frozenset[str]:
    """Return the fields that have a value where a condition holds."""
    from jinja2 import nodes

    known, path = _path(test, names)
    if known:
        return frozenset([path] if path else [])
    match test:
        case nodes.And():
            return _filled_if(test.left, names) | _filled_if(test.right, names)
        case nodes.Test(name="defined"):
            return _filled_if(test.node, names)
    return frozenset()


def _when_empty(test: nodes.Node, given: frozenset[str], names: Mapping[str, str | None]) -> bool | None:
    """Return what a condition gives where the fields it asks for are empty; None where that cannot be told."""
    from jinja2 import nodes

    known, path = _path(test, names)
    if known:
        return (path in given) if path else None
    match test:
        case nodes.Not():
            inner = _when_empty(test.node, given, names)
            return None if inner is None else not inner
        case nodes.And() | nodes.Or():
            decides = isinstance(test, nodes.Or)
            parts = {_when_empty(test.left, given, names), _when_empty(test.right, given, names)}
            return decides if decides in parts else None if None in parts else not decides
        case nodes.Test(name="defined" | "undefined"):
            return (test.name == "undefined") != bool(_when_empty(test.node, given, names))
    return None


def _branches(then: Uses, other: Uses, taken: bool | None) -> Uses:
    """Combine two branches; what only the branch not taken needs, is needed sometimes."""
    uses = _together([then, other])
    needed = {
        name
        for name in uses
        if (taken is not False and _always(then, name) and (taken or _always(other, name)))
        or (taken is False and _always(other, name))
    }
    return {
        name: use if name in needed else replace(use, need=min(use.need, Need.SOMETIMES)) for name, use in uses.items()
    }


def _always(uses: Uses, name: str) -> bool:
    return name in uses and uses[name].required


def _together(parts: Iterable[Uses]) -> Uses:
    """Combine uses that all happen: the greatest need, at the first place."""
    found: Uses = {}
    for part in parts:
        for name, use in part.items():
            first = found.get(name, use)
            found[name] = replace(first, need=max(first.need, use.need))
    return found

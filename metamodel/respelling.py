"""Writes in a document what elements are called now, wherever it names them.

A reference is followed name by name to the elements that it meant when the document was
linked; each of them is then written by its present name. What means anything else, though it
is written alike, stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from formula import parse
from formula.errors import Span
from formula.printer import print_formula, quoted_text
from formula.scope import CollectionBinding, EntityBinding, FieldBinding
from formula.spelling import respelled, spliced
from formula.typed import Constant, Items, Node, Operation, Read, Typed
from metamodel.editing.document import at, counterpart, put
from metamodel.edits import Document
from metamodel.formulas import parse_formula
from metamodel.linking.options import option_path
from metamodel.linking.paths import collection_path
from metamodel.model import Entity, Field, Model
from metamodel.places import called_at
from metamodel.references import Path, Reference
from metamodel.scope import ModelScope, find_collection, find_field

Called = Mapping[Path, str]
"""What elements are called now, by their paths of keys."""


@dataclass(slots=True)
class Writing:
    """What is written otherwise at one place: its own name, names and paths, pieces of formulas."""

    key: str = ""
    words: dict[str, str] = field(default_factory=dict)
    pieces: dict[Span, str] = field(default_factory=dict)


Writings = Mapping[Path, Writing]
"""What is written otherwise, by place."""


def writings(model: Model, references: Sequence[Reference], called: Called) -> Writings:
    """Return what has to be written otherwise, now that elements of a model are `called` so."""
    spelling = _Spelling(model, called)
    found: dict[Path, Writing] = {}
    for each in references:
        if each.to:
            words = {each.text: called.get(each.to, each.text)}
            pieces: dict[Span, str] = {}
        elif isinstance(each.scope, ModelScope):
            place = (each.scope.this, each.scope.entity)
            words, pieces = _written(each, spelling, place)
        else:
            continue
        words = {old: new for old, new in words.items() if old != new}
        if not words and not pieces:
            continue
        here = found.setdefault(each.path, Writing())
        if each.key:
            here.key = words[each.text]
        else:
            here.words.update(words)
            here.pieces.update(pieces)
    return found


def rewritten(
    document: Mapping[str, object], written: Writings, before: Mapping[str, object]
) -> Document:
    """Return a document as it is written now; what says the same as `before` stays as it is."""
    result = dict(document)
    keys: list[tuple[Path, str]] = []
    for path, names in _named_anew(written).items():
        siblings = at(result, path)
        if isinstance(siblings, Mapping):
            result = put(result, path, {n: _beside(each, names) for n, each in siblings.items()})
    for path, writing in written.items():
        value, old = at(result, path), at(before, counterpart(before, document, path))
        if value is None or value == old:
            continue
        said = valued(value, writing, old)
        if said != value:
            result = put(result, path, said)
        if writing.key and old is None:
            keys.append((path, writing.key))
    for path, name in sorted(keys, key=lambda each: len(each[0]), reverse=True):
        result = _with_key(result, path, name)
    return result


def by_keys(model: Model, entity: str, formula: Typed) -> str:
    """Return a formula over an entity with keys in place of names: the same whatever is renamed."""
    typed = parse_formula(model, entity, formula.text, formula.type)
    spelling, place = _Spelling(model, _Keys()), ("", entity)
    pieces = dict(respelled(formula.text, spelling, place)) | dict(spelling.codes(typed.node))
    return print_formula(parse(spliced(formula.text, pieces)))


def by_labels(model: Model, entity: str, text: str, language: str) -> str:
    """Return a formula over an entity with labels in place of names, to be read and not parsed."""
    typed = parse_formula(model, entity, text)
    spelling, place = _Spelling(model, _Labels(model, language)), ("", entity)
    pieces = dict(respelled(typed.text, spelling, place)) | dict(spelling.codes(typed.node))
    return spliced(typed.text, pieces)


class _Every(Mapping[Path, str]):
    """What every element is called, without a list of them."""

    def __iter__(self) -> Iterator[Path]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Keys(_Every):
    """Every element called by its key."""

    def __getitem__(self, path: Path) -> str:
        # A collection has no key of its own: it is known by what makes it.
        return "_".join(path[1:-1]) if _is_collection(path) else path[-1]


@dataclass(frozen=True, slots=True, eq=False)
class _Labels(_Every):
    """Every element called by its label."""

    model: Model
    language: str

    def __getitem__(self, path: Path) -> str:
        if not _is_collection(path):
            return called_at(self.model, path, self.language)
        members = self.model.entities[path[1]]
        return (members.plural or members.label).text(self.language) or members.name


def _is_collection(path: Path) -> bool:
    return len(path) == 5 or path[2:3] == ("child_of",)


def _named_anew(written: Writings) -> Mapping[Path, Mapping[str, str]]:
    """Return what elements are called otherwise, by where they stand."""
    found: dict[Path, dict[str, str]] = {}
    for path, writing in written.items():
        if writing.key:
            found.setdefault(path[:-1], {})[path[-1]] = writing.key
    return found


def _beside(element: object, names: Mapping[str, str]) -> object:
    """Return an element that says what it stands beside, by the names of now."""
    if not isinstance(element, Mapping) or not any(key in element for key in ("$after", "$before")):
        return element
    return {
        key: names.get(str(each), each) if key in ("$after", "$before") else each
        for key, each in element.items()
    }


def _written(
    reference: Reference, spelling: _Spelling, place: tuple[str, ...]
) -> tuple[dict[str, str], dict[Span, str]]:
    if reference.typed is None:
        path = spelling.spelled(place, tuple(reference.text.split(".")))
        return {reference.text: ".".join(path)}, {}
    found = dict(respelled(reference.text, spelling, place))
    found |= dict(spelling.codes(reference.typed.node))
    start = reference.offset
    return {}, {Span(span.start + start, span.end + start): new for span, new in found.items()}


def valued(value: object, writing: Writing, before: object) -> object:
    """Return what stands at one place, written otherwise."""
    if isinstance(value, str):
        return spliced(value, writing.pieces) if writing.pieces else _word(value, writing)
    if isinstance(value, list):
        kept = before if isinstance(before, list) else ()
        return [each if each in kept else _word(each, writing) for each in value]
    if isinstance(value, Mapping) and ("$add" in value or "$drop" in value):
        return {name: valued(each, writing, None) for name, each in value.items()}
    return value


def _word(value: object, writing: Writing) -> object:
    """Return a name or path as it is written now; a sort may begin with `-`."""
    if not isinstance(value, str):
        return value
    bare = value.removeprefix("-")
    return value[: len(value) - len(bare)] + writing.words.get(bare, bare)


def _with_key(document: Document, path: Path, name: str) -> Document:
    """Give what stands at a path another name, in its old place."""
    siblings = at(document, path[:-1])
    if not isinstance(siblings, Mapping) or path[-1] not in siblings or name in siblings:
        return document
    named = {name if each == path[-1] else each: value for each, value in siblings.items()}
    return put(document, path[:-1], named)


@dataclass(frozen=True, slots=True)
class _Spelling:
    """Follows names through a model. A place is the entities from the outside in, by key."""

    model: Model
    called: Called

    def spelled(self, place: tuple[str, ...], path: Path) -> Path:
        """Return a path as it is written now."""
        head, rest = path[0], path[1:]
        if head == "setting" and rest:
            return (head, self.called.get(("settings", rest[0]), rest[0]), *rest[1:])
        if head in ("user", "input"):
            return path
        if head == "this" and rest:
            outside = place[:-1] if len(place) > 2 else ("", *place[:-1])
            return (head, *self.spelled(outside, rest))
        if head == "previous":
            return (head, *self._followed(place[1], rest))
        return self._followed(place[-1], path)

    def inside(self, place: tuple[str, ...], path: Path) -> tuple[str, ...] | None:
        """Return the place of the members of the first collection on a path."""
        head, rest = path[0], path[1:]
        key = place[-1]
        if head in ("this", "previous"):
            key, path = (place[-2] if head == "this" else place[1]), rest
        members = None
        for _, found, following in self._steps(key, path):
            many = found.link.many if isinstance(found, Field) and found.link else found is None
            members = following.key if many and following is not None else members
        return None if members is None else (*place, members)

    def codes(self, node: Node) -> Iterator[tuple[Span, str]]:
        """Yield where options and stages that a formula compares with are written otherwise."""
        if isinstance(node, Operation):
            fields = [each for each in map(self._field_of, node.operands) if each is not None]
            kinds = any(_is_kind(each) for each in node.operands)
            for constant in (each for operand in node.operands for each in _constants(operand)):
                text = str(constant.value)
                kind = self.model.entity_named(text) if kinds else None
                places = [option_path(each, text) for each in fields]
                places += [("entities", kind.key)] if kind is not None else []
                names = (self.called.get(place) for place in places)
                name = next((each for each in names if each is not None), None)
                if name is not None:
                    yield constant.span, quoted_text(name)
        for name in node.__dataclass_fields__:
            value = getattr(node, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield from self.codes(part)

    def _field_of(self, node: Node) -> Field | None:
        binding = node.binding if isinstance(node, Read) else None
        if isinstance(binding, CollectionBinding):
            binding = binding.member
        if not isinstance(binding, FieldBinding) or not binding.steps:
            return None
        step = binding.steps[-1]
        return self.model.entities[step.entity].fields[step.field]

    def _followed(self, entity: str, path: Path) -> Path:
        """Return names as they are now; names written as labels where they are found so."""
        names = tuple(name for name, _, _ in self._steps(entity, path))
        if not names and path:
            stored = ModelScope(self.model, entity).name_of(path)
            said = tuple(name for name, _, _ in self._steps(entity, stored or ()))
            return said if stored is not None and said != stored[: len(said)] else path
        return (*names, *path[len(names) :])

    def _steps(self, entity: str, path: Path) -> Iterator[tuple[str, Field | None, Entity | None]]:
        """Yield for each name what is called so now, the field, and the entity that follows."""
        here: Entity | None = self.model.entities.get(entity)
        several: tuple[str, ...] = ()
        for name in path:
            if several:
                target = self.model.entity_named(name.removeprefix("as_"))
                if not name.startswith("as_") or target is None or target.key not in several:
                    return
                here, several = target, ()
                yield "as_" + self.called.get(("entities", target.key), target.name), None, None
                continue
            if here is None:
                return
            found = find_field(here, name)
            if found is None:
                collection = find_collection(here, name)
                if collection is None:
                    return
                here = self.model.entities.get(collection.entity)
                yield self.called.get(collection_path(collection), name), None, here
                continue
            said = self.called.get(("entities", here.key, "fields", found.key), name)
            to = found.link.to if found.link is not None else ()
            several = to if len(to) > 1 else ()
            here = self.model.entities.get(to[0]) if len(to) == 1 else None
            yield said, found, here


def _is_kind(node: Node) -> bool:
    """Return whether a part of a formula says which kind of record a link leads to."""
    return isinstance(node, Read) and isinstance(node.binding, EntityBinding)


def _constants(node: Node) -> Iterator[Constant]:
    if isinstance(node, Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from _constants(item)

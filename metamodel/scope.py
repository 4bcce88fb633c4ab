"""What names mean in formulas: the model's answer to `formula.scope.Scope`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from formula.calendars import Calendar
from formula.scope import (
    Binding,
    CollectionBinding,
    EntityBinding,
    FieldBinding,
    Meaning,
    Path,
    Root,
    Step,
    TableBinding,
)
from formula.types import (
    ChoiceType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    ValueType,
)
from metamodel.bindings import field_binding, input_binding, setting_binding
from metamodel.fieldtypes import FIELD_TYPES
from metamodel.flows import Pipeline
from metamodel.label import Label
from metamodel.model import HOLDER, MEMBER, Collection, Entity, Field, Model
from metamodel.options import labels_by_language
from metamodel.sharing import shared_field

MAX_STEPS = 12
"""Longest path that is followed."""

PERSON: Mapping[str, ValueType] = {
    "id": RecordType(("user",)),
    "name": TextType(),
    "roles": ListType(TextType()),
    "language": TextType(),
    "department": RecordType(("department",)),
    "departments": ListType(RecordType(("department",))),
    "home_departments": ListType(RecordType(("department",))),
    "team": ListType(RecordType(("team",))),
    "position": RecordType(("position",)),
    "level": NumberType(6, 0),
    "manager": RecordType(("user",)),
    "managers": ListType(RecordType(("user",))),
    "represents": ListType(RecordType(("user",))),
    "acting_for": ListType(RecordType(("user",))),
}
"""What formulas know of the person acting.

`represents` are those whose deputy the person is today, `acting_for` the person and those;
`home_departments` are the departments of all these, `departments` those and all below them.
`managers` is the chain of superiors, nearest first.
"""

MAYBE_BLANK = ("department", "position", "level", "manager")
"""What a person may lack."""

STAGE_FACTS: Mapping[str, ValueType] = {
    "probability": PercentType(4, 6),
    "normal_days": NumberType(6, 0),
    "ends": TextType(),
}
"""What a pipeline says of the present stage."""


@dataclass(frozen=True, slots=True)
class ModelScope:
    """Names on a record of `entity` (by key); `this` is the record outside, if there is one.

    `inputs` are what a button asked for, or what a conversion made before. Inside a collection
    of many-to-many, `before` leads from the row of the link table to the record that is meant.
    """

    model: Model
    entity: str
    this: str = ""
    inputs: Mapping[str, ValueType] = field(default_factory=dict)
    before: tuple[Step, ...] = ()

    def lookup(self, path: Path) -> Meaning | None:
        """Return what `path` means here, or None where it means nothing."""
        if not path or len(path) > MAX_STEPS:
            return None
        found = self._rooted(path)
        return found if found is not None else shared_field(self.model, self, path)

    def _rooted(self, path: Path) -> Binding | None:
        """Return what `path` means on the record, or on what stands beside it."""
        head, rest = path[0], path[1:]
        if head == "user":
            return _person(path)
        if head == "setting":
            return setting_binding(self.model, path)
        if head == "input":
            return input_binding(self.inputs, path)
        if head == "this":
            return self._walk(self.this, rest, path, "this") if self.this else None
        if head == "previous":
            return self._walk(self.entity, rest, path, "previous")
        return self._walk(self.entity, path, path, "record")

    def suggestions(self, path: Path) -> tuple[str, ...]:
        """Return the dotted names that could stand where `path` failed."""
        for end in range(len(path), -1, -1):
            names = tuple(self._names_after(path[:end]))
            if names:
                prefix = "".join(f"{step}." for step in path[:end])
                return tuple(prefix + name for name in names)
        return ()

    def calendars(self) -> Mapping[str, Calendar]:
        """Return the business calendars by name; "" is the default one."""
        return self.model.calendars

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return what the codes of a choice are called, by language."""
        return labels_by_language(self.model, binding.steps[-1])

    def name_of(self, label: Path) -> Path | None:
        """Return the path whose labels read `label` in any language, if exactly one does."""
        entity: Entity | None = self.model.entities.get(self.entity)
        names: list[str] = []
        for text in label:
            if entity is None:
                return None
            found = [name for name, shown in _labels(entity) if text == name or _reads(shown, text)]
            if len(found) != 1:
                return None
            names.append(found[0])
            entity = self._next(entity, found[0])
        return tuple(names)

    def _walk(self, entity_key: str, names: Path, path: Path, root: Root) -> Binding | None:
        """Follow names from an entity through links, to a field or a collection."""
        steps = self.before if root == "record" else ()
        entity = self.model.entities.get(entity_key)
        for index, name in enumerate(names):
            if entity is None:
                return None
            found = find_field(entity, name)
            if found is None or (found.link is not None and found.link.many):
                members = _members_of(self.model, entity, name, found)
                return self._members(members, names[index + 1 :], path, steps, root)
            if found.value_type is None:
                whole = FieldBinding(path, TextType(), (*steps, Step(entity.key, found.key)), root)
                return _part(found, whole, names[index + 1 :])
            steps = (*steps, Step(entity.key, found.key))
            binding = field_binding(entity, found, path, steps, root)
            following = names[index + 1 :]
            if not following:
                return binding
            if len(following) == 1:
                said = self._said_of(entity, found, binding, following[0])
                if said is not None:
                    return said
            entity = self._target(found, following[0])
            if found.link is not None and len(found.link.to) > 1:
                return self._through_several(entity, following[1:], binding)
        return None

    def _through_several(
        self, entity: Entity | None, names: Path, base: FieldBinding
    ) -> Binding | None:
        """Follow `as_lead.source`: the step after `as_` leaves through the lead's column."""
        if entity is None or not names:
            return None
        rest = self._walk(entity.key, names, base.path, base.root)
        match rest:
            case FieldBinding():
                return replace(rest, steps=(*base.steps, *rest.steps))
            case TableBinding() | EntityBinding():
                inner = replace(rest.base, steps=(*base.steps, *rest.base.steps))
                return replace(rest, base=inner)
            case CollectionBinding():
                return replace(rest, links=(*base.steps, *rest.links))
        return None

    def _members(
        self,
        members: _Members | None,
        names: Path,
        path: Path,
        links: tuple[Step, ...],
        root: Root,
    ) -> CollectionBinding | None:
        if members is None:
            return None
        inner = ModelScope(self.model, members.entity, self.entity, self.inputs, members.before)
        member: FieldBinding | TableBinding | EntityBinding | None = None
        if names:
            found = inner._walk(members.entity, names, names, "record")
            if found is None or isinstance(found, CollectionBinding):
                return None
            member = found
        via = members.via
        return CollectionBinding(path, via.entity, via, inner, links, member, root)

    def _said_of(
        self, entity: Entity, found: Field, base: FieldBinding, name: str
    ) -> TableBinding | EntityBinding | FieldBinding | None:
        """Return what is said of a value: by a pipeline, of a link's target, of an amount."""
        if found.currency and name in ("original", "rate", "currency"):
            key = found.currency if name == "currency" else f"{found.key}_{name}"
            part = entity.fields[key]
            steps = (*base.steps[:-1], Step(entity.key, key))
            return field_binding(entity, part, base.path, steps, base.root)
        if name == "entity" and found.link is not None and len(found.link.to) > 1:
            names = tuple(self.model.entities[key].name for key in found.link.to)
            return EntityBinding(base.path, ChoiceType(names), replace(base, path=base.path[:-1]))
        if name in STAGE_FACTS and found.pipeline:
            pipeline = entity.pipelines[found.pipeline]
            table = stage_table(pipeline, name)
            base = replace(base, path=base.path[:-1])
            return TableBinding((*base.path, name), STAGE_FACTS[name], base, table)
        return None

    def _target(self, found: Field, following: str) -> Entity | None:
        """Return the entity that the next name is looked up in."""
        if found.link is None or found.link.many:
            return None
        if len(found.link.to) == 1:
            return self.model.entities.get(found.link.to[0])
        return _one_of_several(self.model, found, following)

    def _next(self, entity: Entity, name: str) -> Entity | None:
        found = find_field(entity, name)
        if found is not None and found.link is not None and found.link.many:
            return self.model.entities.get(found.link.to[0])
        if found is not None:
            return self._target(found, "")
        collection = find_collection(entity, name)
        return self.model.entities.get(collection.entity) if collection is not None else None

    def _names_after(self, path: Path) -> Iterator[str]:
        """Yield the names that may follow a path that means something."""
        if path in {("user",), ("setting",), ("input",)}:
            known: Mapping[str, object] = {
                "user": PERSON,
                "setting": self.model.settings,
                "input": self.inputs,
            }[path[0]]
            yield from known
            return
        if not path or path in {("previous",), ("this",)}:
            start = self.model.entities.get(self.this if path == ("this",) else self.entity)
            if start is not None:
                yield from (name for name, _ in _labels(start))
            return
        binding = self.lookup(path)
        if binding is None and len(path) == 1:
            entity = self.model.entities.get(self.entity)
            whole = entity.field_named(path[0]) if entity is not None else None
            yield from FIELD_TYPES[whole.type].parts if whole is not None else ()
        elif binding is None:
            yield from _after_one_of_several(self.model, self.lookup(path[:-1]), path[-1])
        elif isinstance(binding, CollectionBinding):
            yield from self._after_collection(binding)
        elif isinstance(binding, FieldBinding) and binding.steps:
            yield from self._after_field(binding)

    def _after_collection(self, binding: CollectionBinding) -> Iterator[str]:
        if binding.member is None:
            inner = binding.scope.entity if isinstance(binding.scope, ModelScope) else ""
            yield from (name for name, _ in _labels(self.model.entities[inner or binding.entity]))
        elif isinstance(binding.member, FieldBinding):
            yield from self._after_field(binding.member)

    def _after_field(self, binding: FieldBinding) -> Iterator[str]:
        last = binding.steps[-1]
        found = self.model.entities[last.entity].fields[last.field]
        if found.pipeline:
            yield from STAGE_FACTS
        if found.link is None:
            return
        if len(found.link.to) > 1:
            yield "entity"
            yield from (f"as_{self.model.entities[key].name}" for key in found.link.to)
            return
        for key in found.link.to:
            yield from (name for name, _ in _labels(self.model.entities[key]))


def scope_of(
    model: Model, entity: str, *, this: str = "", inputs: Mapping[str, ValueType] | None = None
) -> ModelScope:
    """Return what names mean on a record of `entity`; `this` is the entity outside, both by key."""
    return ModelScope(model, entity, this, inputs or {})


def _one_of_several(model: Model, found: Field, following: str) -> Entity | None:
    """Return which of the entities that a link may lead to `as_lead` means."""
    if found.link is None or len(found.link.to) == 1 or not following.startswith("as_"):
        return None
    target = model.entity_named(following.removeprefix("as_"))
    return target if target is not None and target.key in found.link.to else None


def _after_one_of_several(model: Model, base: Meaning | None, following: str) -> Iterator[str]:
    """Yield the names that may come after `about.as_lead`, which alone means nothing."""
    whole = base.member if isinstance(base, CollectionBinding) else base
    if isinstance(whole, FieldBinding) and whole.steps:
        last = whole.steps[-1]
        target = _one_of_several(model, model.entities[last.entity].fields[last.field], following)
        yield from (name for name, _ in (_labels(target) if target is not None else ()))


def find_field(entity: Entity, name: str) -> Field | None:
    """Return the live field called `name`; a former name answers where no present one does."""
    found = entity.fields.get(name)
    if found is not None and found.name == name and not found.retired:
        return found
    former: Field | None = None
    for each in entity.fields.values():
        if each.retired:
            continue
        if each.name == name:
            return each
        if each.key == name or name in each.former:
            former = each
    return None if name in entity.collections else former


def find_collection(entity: Entity, name: str) -> Collection | None:
    """Return the collection called `name`."""
    return entity.collections.get(name)


@dataclass(frozen=True, slots=True)
class _Members:
    """The records of a collection: their entity, the link back to its holder, and the way to them.

    `before` is empty but for many-to-many, where `via` stands in the link table.
    """

    entity: str
    via: Step
    before: tuple[Step, ...] = ()


def _members_of(model: Model, entity: Entity, name: str, found: Field | None) -> _Members | None:
    """Return what is in the collection called `name`, or in a link to many records."""
    if found is not None and found.link is not None:
        through = found.link.through
        if through not in model.entities:
            return None
        return _Members(found.link.to[0], Step(through, HOLDER), (Step(through, MEMBER),))
    collection = find_collection(entity, name)
    if collection is None:
        return None
    if collection.through:
        through = collection.through
        return _Members(collection.entity, Step(through, MEMBER), (Step(through, HOLDER),))
    return _Members(collection.entity, Step(collection.entity, collection.via))


def stage_table(pipeline: Pipeline, fact: str) -> Mapping[str, object]:
    """Return what a pipeline says of each stage, by stage key; blanks are left out."""
    facts = {key: getattr(stage, fact) for key, stage in pipeline.stages.items()}
    return {key: value for key, value in facts.items() if value not in (None, "")}


def _part(found: Field, whole: FieldBinding, names: Path) -> FieldBinding | None:
    """Return what a name reads of a value of several parts; former values are not taken apart."""
    parts = FIELD_TYPES[found.type].parts
    if whole.root == "previous" or len(names) != 1 or names[0] not in parts:
        return None
    return replace(whole, type=parts[names[0]], part=names[0])


def _person(path: Path) -> FieldBinding | None:
    if len(path) == 1:
        path = ("user", "id")
    kind = PERSON.get(path[1]) if len(path) == 2 else None
    if kind is None:
        return None
    return FieldBinding(path, kind, (), "user", "personal", never_blank=path[1] not in MAYBE_BLANK)


def _labels(entity: Entity) -> Iterator[tuple[str, Label]]:
    for each in entity.fields.values():
        many = each.link is not None and each.link.many
        parts = FIELD_TYPES[each.type].parts
        if not each.retired and (each.value_type is not None or many or parts):
            yield each.name, each.label
    for collection in entity.collections.values():
        yield collection.name, collection.label


def _reads(label: Label, text: str) -> bool:
    return text in label.texts.values()

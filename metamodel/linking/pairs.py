"""Makes the link tables of many-to-many fields: an entity of the engine's own for each.

A row of it is one pair: the record that holds the field, and one that it names. With that,
everything that formulas, permissions and computed values know of links and collections holds
for many-to-many as well.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from formula.types import NumberType, RecordType, ValueType
from metamodel.fieldtypes.contract import label
from metamodel.linking.draft import Draft
from metamodel.model import (
    HOLDER,
    MEMBER,
    PLACE,
    Collection,
    Entity,
    Field,
    Link,
    Pair,
    Unique,
)

PAIR = "sys_pair_"
"""What the names of link tables begin with."""


def link_pairs(draft: Draft) -> None:
    """Add the link table of every many-to-many field, and the collection on its other side."""
    for entity in list(draft.entities.values()):
        fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
        for each in list(fields.values()):
            if each.link is None or not each.link.many or len(each.link.to) != 1:
                continue
            pair = _entity(draft, entity, each)
            draft.entities[pair.key] = pair
            fields[each.key] = replace(each, link=replace(each.link, through=pair.key))
            if not pair.retired and each.link.inverse:
                _add_inverse(draft, entity, each, pair)


def pair_key(entity: str, field: str) -> str:
    """Return the key of a field's link table, which is also the table's name."""
    digest = sha256(f"{entity}:{field}".encode()).hexdigest()[:6]
    return f"{PAIR}{entity[:20]}_{field[:20]}_{digest}"


def _entity(draft: Draft, entity: Entity, each: Field) -> Entity:
    target = each.link.to[0] if each.link else ""
    key = pair_key(entity.key, each.key)
    fields = (
        _field(key, "id", RecordType((key,))),
        _field(key, HOLDER, RecordType((entity.key,)), Link((entity.key,), on_delete="cascade")),
        _field(key, MEMBER, RecordType((target,)), Link((target,), on_delete="cascade")),
        _field(key, PLACE, NumberType(9, 0)),
    )
    return Entity(
        key=key,
        name=key,
        label=each.label,
        table=key,
        rank=len(draft.entities),
        fields={field.key: field for field in fields},
        title=None,  # type: ignore[arg-type]  # set as soon as names can be resolved
        track=False,
        system=True,
        builtin=True,
        pair=Pair(entity.key, each.key, target),
        unique={"pair": Unique("pair", "pair", (HOLDER, MEMBER))},
        retired=entity.retired or each.retired,
    )


def _field(entity: str, key: str, value_type: ValueType, link: Link | None = None) -> Field:
    kind = "link" if link else "integer" if key == PLACE else "uuid"
    return Field(
        key=key,
        name=key,
        entity=entity,
        type=kind,
        label=label(key.capitalize(), key),
        value_type=value_type,
        column=key,
        builtin=True,
        link=link,
        hidden=True,
    )


def _add_inverse(draft: Draft, entity: Entity, each: Field, pair: Entity) -> None:
    """Make the collection of records that name a record in this field."""
    name = each.link.inverse if each.link else ""
    target = draft.entities[pair.pair.target if pair.pair else ""]
    collections: dict[str, Collection] = target.collections  # type: ignore[assignment]
    if name in collections or any(
        one.name == name and not one.retired for one in target.fields.values()
    ):
        node = draft.fields.get((entity.key, each.key), draft.nodes[entity.key])
        node.report(
            "name_taken",
            f"`{target.name}` has something called `{name}` already.",
            "Give this `inverse` or `collection` another name.",
        )
        return
    collections[name] = Collection(
        name, entity.key, each.key, entity.plural or entity.label, through=pair.key
    )

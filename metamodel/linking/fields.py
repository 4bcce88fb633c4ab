"""Links fields as far as they stand alone: type, column, options, default, link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from formula.types import TextType
from metamodel.fieldtypes import FIELD_TYPES, FieldType, NotAValue, Options
from metamodel.fieldtypes.shapes import schema_problem
from metamodel.iso4217 import precision
from metamodel.label import Label
from metamodel.linking.columns import column_name
from metamodel.linking.draft import Draft
from metamodel.linking.encryption import encrypted
from metamodel.linking.merging import merged_into
from metamodel.linking.splitting import taken_from
from metamodel.model import Field, Link, Numbering, Option
from metamodel.nearest import nearest
from metamodel.options import choice_of
from metamodel.reader import Node

PEOPLE = {"user": "user", "department": "department", "team": "team"}
"""Field types that are links to the tenant's own people, and the entity they point to."""

ONE_VALUE_KEYS = frozenset({"unique", "index", "search", "encrypted", "default"})
"""Keys that mean nothing where a field names any number of records."""

FILES = frozenset({"file", "image", "signature"})
"""Field types that are links to files."""

FILE = "sys_file"
"""The entity that knows of every file: its name, type, size, and who uploaded it."""

TYPE_KEYS = frozenset(key for kind in FIELD_TYPES.values() for key in kind.keys)
"""Keys that only some field types have."""


@dataclass(frozen=True, slots=True)
class Home:
    """The entity that fields are linked for."""

    key: str
    name: str


def link_field(draft: Draft, home: Home, node: Node) -> Field | None:
    """Return the field written in `node` without its formulas; None where its type is unknown."""
    kind = _kind(node)
    if kind is None:
        return None
    _check_keys(node, kind)
    link = _link(draft, home, node, kind)
    options = read_options(draft, node)
    given = replace(
        choice_of(options),
        scale=_scale(draft, node),
        targets=link.to if link else (),
        maximum=node.get("max"),
    )
    _check_computed(node, kind, given)
    linked = Field(
        key=node.key,
        name=node.name,
        entity=home.key,
        type=kind.name,
        label=node.label() or Label({"": node.name.replace("_", " ").capitalize()}),
        value_type=kind.value_type(given),
        help=node.label("help"),
        note=node.label("note"),
        default=read_value(node, "default", kind, _offered(given, options)),
        min=read_value(node, "min", kind, given),
        max=read_value(node, "max", kind, given),
        options=options,
        link=link,
        numbering=_numbering(node),
        retired=node.retired,
        put_away=node.retired and "formula" in node,
        former=tuple(sorted(node.former)),
    )
    linked = _with_flags(linked, node)
    plain = ("entities", home.key, "fields", node.key) in draft.merged.builtin
    placed = with_columns(linked, kind, plain=plain)
    return encrypted(placed, node) if node.flag("encrypted") else placed


def _check_computed(node: Node, kind: FieldType, given: Options) -> None:
    """Report a formula on a type that no formula makes."""
    if "formula" in node and (kind.value_type(given) is None or kind.name == "rich_text"):
        node.report(
            "computed_type",
            f"`{node.name}` is a {kind.name}, which no formula makes.",
            "Choose a type that formulas have, such as text, or take `formula` out.",
            at="formula",
        )


def _scale(draft: Draft, node: Node) -> int | None:
    """Return a field's decimals; those of the app's currency where money says none."""
    written = node.whole("scale")
    if written is None and node.text("type") == "money":
        return precision(draft.app.currency)
    return written


def _offered(given: Options, options: Mapping[str, Option]) -> Options:
    """Return the options that a new record may have: a default that is retired is reported."""
    live = choice_of({key: option for key, option in options.items() if not option.retired})
    return replace(given, codes=live.codes, names=live.names, former=live.former)


def _kind(node: Node) -> FieldType | None:
    """Return a field's type; a type that is not written is reported."""
    kind = FIELD_TYPES.get(node.text("type"))
    if kind is None and "type" not in node and not node.retired:
        node.report(
            "missing_key",
            f"The field `{node.name}` needs `type`.",
            "Add `type:`, or check that the name is right.",
        )
    return kind


def with_columns(linked: Field, kind: FieldType, *, plain: bool = False) -> Field:
    """Name the column of a field, or one for each target of a link to several entities.

    Fields of the built-in layer have plain names: the engine reads them in statements of its own.
    """
    if kind.column == "pairs":
        return replace(linked, stored=False)
    if linked.link is not None:
        names = {to: column_name(linked.key, f"{kind.name}:{to}") for to in linked.link.to}
        if len(names) > 1:
            return replace(linked, columns=names)
        column = next(iter(names.values()), "")
    else:
        column = column_name(linked.key, kind.name)
    if kind.name == "rich_text":
        linked = replace(linked, plain_column=column_name(linked.key, "plain text"))
    return replace(linked, column=linked.key if plain else column)


def sorts_as_text(linked: Field) -> bool:
    """Return whether a field's values are sorted by a stored sort key."""
    plain = isinstance(linked.value_type, TextType) and not linked.encrypted
    return plain and bool(linked.column)


def read_value(node: Node, name: str, kind: FieldType, options: Options) -> object:
    """Return the value under `name` as its type understands it; report what does not fit."""
    value = node.get(name)
    if value is None:
        return None
    try:
        return kind.parse(value, options)
    except NotAValue as error:
        node.report(
            "wrong_value",
            f"`{name}` of `{node.name}` is `{value}`, but {error}.",
            f"Write a value of the type {kind.name}.",
            at=name,
        )
        return None


def read_options(draft: Draft, node: Node) -> Mapping[str, Option]:
    """Return a choice's options by key, its own or those of a shared set."""
    if "options" in node:
        return option_map(node.child("options"))
    shared = node.text("choices")
    if not shared:
        if node.text("type") in ("choice", "multi_choice"):
            node.report(
                "missing_options",
                f"The choice `{node.name}` has no options.",
                "Add `options:`, or name a shared set with `choices:`.",
            )
        return {}
    found = draft.model.choices.get(shared)
    if found is None:
        node.report(
            "unknown_choices",
            f"There is no set of choices `{shared}`.",
            nearest(shared, draft.model.choices),
            at="choices",
        )
        return {}
    return found.options


def option_map(node: Node) -> Mapping[str, Option]:
    """Return options by key, in order."""
    merged, taken = merged_into(node.items()), taken_from(node.items())
    return {
        each.key: Option(
            key=each.key,
            name=each.name,
            label=each.label() or Label({"": each.name}),
            color=each.text("color"),
            icon=each.text("icon"),
            active=each.flag("active", default=True) and not each.retired,
            retired=each.retired,
            former=tuple(sorted(each.former)),
            into=merged.get(each.key, ""),
            takes=taken.get(each.key, {}),
        )
        for each in node.items()
    }


def _check_keys(node: Node, kind: FieldType) -> None:
    """Report keys that mean nothing on this type."""
    if not isinstance(node.value, Mapping):
        return
    for key in node.value:
        pairs = kind.column == "pairs" and key in ONE_VALUE_KEYS
        if pairs or (key in TYPE_KEYS and key not in kind.keys):
            node.report(
                "key_not_for_type",
                f"`{key}` means nothing on a field of type {kind.name}.",
                f"Take it out, or change the type of `{node.name}`.",
                at=key,
            )


def _with_flags(linked: Field, node: Node) -> Field:
    return replace(
        linked,
        required=node.flag("required"),
        unique=node.flag("unique"),
        index=node.flag("index"),
        search=node.flag("search"),
        personal_data=node.flag("personal_data"),
        readonly=node.flag("readonly") or "formula" in node or linked.type == "autonumber",
        hidden=node.flag("hidden"),
        reveals=node.flag("reveals"),
        fact=node.flag("fact"),
        clear_when_hidden=node.flag("clear_when_hidden"),
        freeze_on=node.text("freeze_on"),
        refresh=node.text("refresh"),
        choices=node.text("choices"),
        currency=node.text("currency"),
        rate_on=node.text("rate_on"),
        pattern=node.text("pattern"),
        scale=node.whole("scale"),
        max_length=node.whole("max_length"),
        unit=node.text("unit"),
        format=node.text("format"),
        schema=_json_schema(node),
        multiple=node.flag("multiple", default=linked.type not in ("image", "signature")),
    )


def _json_schema(node: Node) -> Mapping[str, object]:
    """Return the shape that JSON must have; one that is no JSON Schema is reported."""
    written = node.get("schema")
    if not isinstance(written, Mapping):
        return {}
    wrong = schema_problem(written)
    if wrong:
        node.report(
            "json_schema_invalid",
            f"`schema` of `{node.name}` is no JSON Schema: {wrong}.",
            "Write it after draft 2020-12, such as `{type: object, required: [code]}`.",
            at="schema",
        )
        return {}
    return written


def _link(draft: Draft, home: Home, node: Node, kind: FieldType) -> Link | None:
    """Return where a link points; targets that do not exist are reported."""
    if kind.name in PEOPLE:
        targets: tuple[str, ...] = (PEOPLE[kind.name],)
    elif kind.name in ("link", "links"):
        names = node.names("to")
        if not names:
            node.report(
                "missing_key",
                f"The link `{node.name}` needs `to`.",
                "Say which entity it points to: `to: customer`.",
            )
        targets = tuple(t for t in (_target(draft, node, name) for name in names) if t)
        if kind.name == "links" and len(names) > 1:
            node.report(
                "links_to_several",
                f"`{node.name}` names several entities; `links` takes one.",
                "Write one `links` field for each entity.",
                at="to",
            )
    elif kind.name == "users":
        targets = ("user",)
    elif kind.name in FILES:
        targets = (FILE,)
    else:
        return None
    on_delete = node.text("on_delete")
    return Link(
        to=targets,
        inverse=node.text("inverse"),
        on_delete=on_delete if on_delete in ("clear", "cascade") else "restrict",  # type: ignore[arg-type]
        many=kind.column == "pairs",
    )


def _target(draft: Draft, node: Node, name: str) -> str | None:
    key = draft.names.get(name)
    if key is None:
        known = [known for known in draft.names if not known.startswith("sys_")]
        node.report(
            "unknown_entity",
            f"`{node.name}` points to `{name}`, which does not exist.",
            nearest(name, known),
            at="to",
        )
        return None
    node.refer(name, "entities", key, at="to")
    if draft.nodes[key].retired and not node.retired:
        node.report(
            "retired_entity",
            f"`{node.name}` points to `{name}`, which is retired.",
            "Retire the field along, or keep the entity.",
            at="to",
        )
    return key


def _numbering(node: Node) -> Numbering | None:
    if node.text("type") != "autonumber":
        return None
    pattern = node.text("pattern")
    if "{0" not in pattern:
        node.report(
            "bad_numbering",
            f"The pattern of `{node.name}` has no counter.",
            "Write one, such as `Q-{YYYY}{MM}-{0000}`.",
            at="pattern",
        )
    return Numbering(pattern=pattern, gapless=node.flag("gapless"))

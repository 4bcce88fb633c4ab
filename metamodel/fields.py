"""Fields and what they are made of: options, links, copies, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.typed import Typed
from formula.types import ValueType
from metamodel.label import Label


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; `active: false` keeps it readable on old records and out of pickers.

    A retired one may have been merged `into` another, by key, that is in use. One that was split
    off `takes` records of others, by key: those for which a condition held when it was published;
    None: the condition is past, and asked of nobody any more.
    """

    key: str
    name: str
    label: Label
    color: str = ""
    icon: str = ""
    active: bool = True
    retired: bool = False
    former: tuple[str, ...] = ()
    into: str = ""
    takes: Mapping[str, Typed | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChoiceSet:
    """Options that several fields share."""

    name: str
    options: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class Setting:
    """A tenant's own value that formulas read as `setting.name`."""

    name: str
    label: Label
    type: str
    value_type: ValueType
    default: object


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link field points: entity keys, and the collection it makes on the other side.

    A link to `many` records goes `through` a link table, which is an entity by this key.
    """

    to: tuple[str, ...]
    inverse: str = ""
    on_delete: Literal["restrict", "clear", "cascade"] = "restrict"
    many: bool = False
    through: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """What choosing a link fills into a field of this record: `path` read from this record."""

    field: str
    path: Typed
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Numbering:
    """The parsed pattern of an autonumber, such as `Q-{YYYY}{MM}-{0000}`."""

    pattern: str
    gapless: bool = False
    assign_when: Typed | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, built-in ones (`id`, `created_at`, `owner` …) included.

    `column` is the column's name in PostgreSQL; "" for an unstored computed field, a
    collection-like field (`links`) and whatever else has no column of its own.
    `columns` names one column per target for a link to several entities. `sort_column` holds
    the pinyin sort key of a text that is the title or is searched; "" for others.
    `plain_column` holds a formatted text without its tags, which is what formulas read.
    The column of an encrypted field holds ciphertext, `blind_column` what its values are compared
    by, and `tail_column`, where it is searched, the same of their last four digits.
    An amount with a `currency` (the field, by key, that names it) is computed: people enter its
    part `<key>_original`, and its rate is of the day in the field `rate_on`; `amount_of` names
    the amount on those parts. A link to people that is a `fact` stays when all that somebody
    holds is handed over. `value_type` is None for types that formulas cannot read (json,
    file …). The formula of a retired field is not read: it is `put_away` with it.
    """

    key: str
    name: str
    entity: str
    type: str
    label: Label
    value_type: ValueType | None
    column: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    sort_column: str = ""
    plain_column: str = ""
    blind_column: str = ""
    tail_column: str = ""
    builtin: bool = False
    help: Label = Label()
    required: bool = False
    default: object = None
    default_formula: Typed | None = None
    formula: Typed | None = None
    put_away: bool = False
    stored: bool = True
    freeze_on: str = ""
    refresh: str = ""
    unique: bool = False
    index: bool = False
    search: bool = False
    encrypted: bool = False
    personal_data: bool = False
    readonly: bool = False
    hidden: bool = False
    reveals: bool = False
    fact: bool = False
    clear_when_hidden: bool = False
    visible_when: Typed | None = None
    required_when: Typed | None = None
    readonly_when: Typed | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    choices: str = ""
    options_when: Mapping[str, Typed] = field(default_factory=dict)
    pipeline: str = ""
    link: Link | None = None
    filter: Typed | None = None
    copy: tuple[Copy, ...] = ()
    numbering: Numbering | None = None
    currency: str = ""
    rate_on: str = ""
    amount_of: str = ""
    min: object = None
    max: object = None
    pattern: str = ""
    scale: int | None = None
    max_length: int | None = None
    note: Label = Label()
    unit: str = ""
    format: str = ""
    multiple: bool = True
    schema: Mapping[str, object] = field(default_factory=dict)
    retired: bool = False
    former: tuple[str, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether a formula makes the values, or made them before the field was retired."""
        return self.formula is not None or self.put_away

"""What a plan is made of: steps that change tables, and effects on the data that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy.sql.expression import Executable

from engine.schema.names import object_name

Phase = Literal["expand", "switch", "settle"]
"""Before the new model is published, in the same transaction, or after it."""

Cost = Literal["instant", "rewrites", "builds"]
"""Whether PostgreSQL only notes it, writes rows anew, or reads them to build an index."""

Lock = Literal["none", "share", "exclusive"]
"""Who waits while a step holds its lock: nobody, people who write, or everybody."""

Verdict = Literal["notice", "loses", "blocks"]
"""Worth knowing; takes something out of reach and needs a yes; cannot be done like this."""

Fill = Literal["computed", "sort_keys", "sealed"]
"""What a step fills that has no single statement of its own: who does it, the publisher knows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change, which can be run twice with the effect of once.

    `sql` runs in order in one transaction, or, when `alone`, each outside any. `touches` is the
    entity key that the step is about; `fields` are the keys of those that `fill` fills.
    A step with a `table` writes rows of it: each of its statements ends in a condition to
    which a range of ids can be added, or says where it belongs (`engine.schema.ranges`); when it
    is of the expand phase, it runs once more in the switch, for what was written in between; a
    `late` one has nothing to do but that. With `beside` it writes not that column of its entity,
    which serves, but the one that is to take its place.
    `lock` says who waits for it, `seconds` about how long it takes; both are worked out for the
    whole plan (`engine.schema.costs`).
    """

    code: str
    touches: str
    sql: tuple[str, ...] = ()
    phase: Phase = "expand"
    cost: Cost = "instant"
    rows: int = 0
    params: Mapping[str, object] = field(default_factory=dict)
    alone: bool = False
    fill: Fill | None = None
    fields: tuple[str, ...] = ()
    table: str = ""
    beside: str = ""
    late: bool = False
    lock: Lock = "none"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """Something to count in the data before a plan is judged.

    Either a `condition` on the live rows of a `table`, of which `shown` is the value it is about,
    or `count`, a statement of one number. `samples` is a statement of a few texts; `listing`, where
    no condition says so, names every record that is counted: rows of an id and a text.
    """

    code: str
    touches: str
    verdict: Verdict
    count: str = ""
    samples: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    listing: str = ""
    table: str = ""
    condition: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One record that an effect is about, and what of it: a value as text, "" for blank."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A statement that names every record an effect is about: its id, and the value as text."""

    statement: str | Executable
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """A question's answer, where it is not zero.

    `rows` is counted, or, when `sampled`, estimated from a part of a large table. `records` are
    some of those that `listing` names, if it is there.
    """

    code: str
    touches: str
    verdict: Verdict
    rows: int
    samples: tuple[str, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    records: tuple[Sample, ...] = ()
    listing: Listing | None = None
    sampled: bool = False


NEXT, GONE = "next~", "gone~"
"""How columns and indexes are called that are to serve, and that have served: as no field is."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A column of an entity's table, by entity key, and the one that is to take its place."""

    entity: str
    table: str
    column: str

    @property
    def name(self) -> str:
        """What the column is called until it serves."""
        return object_name(NEXT, self.table, self.column, ())

    @property
    def former(self) -> str:
        """What the column that served is called from then on."""
        return object_name(GONE, self.table, self.column, ())


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a model would do, in order; running it is somebody else's work.

    `shadows` are columns that are filled beside those that serve. Where it is `noted` what people
    save meanwhile, the switch fills no more than that once more, else all of it.
    """

    schema: str
    steps: tuple[Step, ...] = ()
    effects: tuple[Effect, ...] = ()
    shadows: tuple[Shadow, ...] = ()
    noted: bool = False

    def sql(self) -> str:
        """Return the statements as one script to read."""
        statements = (statement for step in self.steps for statement in step.sql)
        return "".join(f"{statement};\n" for statement in statements)

    @property
    def risk(self) -> Literal["none", "work", "loses", "blocked"]:
        """The worst that it does: nothing, rows to write or read, data out of reach, cannot be."""
        verdicts = {effect.verdict for effect in self.effects}
        if "blocks" in verdicts:
            return "blocked"
        if "loses" in verdicts:
            return "loses"
        return "work" if any(step.cost != "instant" for step in self.steps) else "none"

    def summary(self) -> dict[str, object]:
        """Return what is kept of it with the revision that it made."""
        return {
            "steps": [
                {"code": step.code, "entity": step.touches, **step.params} for step in self.steps
            ],
            "effects": [
                {"code": each.code, "entity": each.touches, "rows": each.rows, **each.params}
                for each in self.effects
            ],
        }

    def of(self, phase: Phase) -> tuple[Step, ...]:
        """Return the steps of one phase, in order."""
        return tuple(step for step in self.steps if step.phase == phase)

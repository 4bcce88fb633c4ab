"""Scenarios: the app's own business tests, told as who does what on a day, and what then holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from formula.typed import Typed
from metamodel.label import Label

ActName = Literal[
    "check",
    "create",
    "update",
    "move",
    "delete",
    "restore",
    "convert",
    "import",
    "find",
    "measure",
    "press",
    "decide",
    "claim",
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a scenario: what they may do, and where they sit.

    `department` is a path of names from the top, as `east/shanghai`; `manager` and those in the
    same `team` are other people of the scenario.
    """

    name: str
    roles: tuple[str, ...]
    department: str = ""
    manager: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What must hold after a step; what is left out is not looked at.

    `refused` is the rule, field or code that the act must be refused by; `warned` the same of
    warnings. `values` are what records hold, read by the administrator. The rest is as the
    acting person sees it: fields that are `visible`, `hidden` or `masked` by record, records
    they see and do not see, what a search found, what its measures gave, how many items of an
    import came to what. `approvals` are states of approvals by record and approval, `none` for
    one that was never asked for. `told` are automations, service levels and pools by whom they
    told since the step before: people of the scenario, and addresses outside.
    """

    refused: str = ""
    warned: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    visible: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    masked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sees: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    found: tuple[str, ...] | None = None
    gives: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    approvals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One act of a scenario and what must hold after it.

    `name` is the step's own; a created or converted record is found by it later. `record` names
    the record acted on, `entity` (a key) what it is. `to` is the stage of a move, or the name
    of a conversion, button, approval or pool; `answer` what is decided. `rows` are what an
    import brings, by name. `filter` and `measures` ask. `person` acts, else somebody with
    `roles`, else whom the scenario says. `today` moves the clock, for later steps as well.
    """

    act: ActName
    name: str
    record: str = ""
    entity: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    to: str = ""
    answer: str = ""
    rows: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    filter: Typed | None = None
    measures: Mapping[str, Typed] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    person: str = ""
    today: date | datetime | None = None
    then: Expectations = Expectations()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A business test of the app: people, records given, acts and what must hold.

    `steps` begin with the given ones, which the administrator makes.
    """

    name: str
    label: Label
    today: date | datetime
    roles: tuple[str, ...]
    steps: tuple[ScenarioStep, ...]
    person: str = ""
    people: Mapping[str, Person] = field(default_factory=dict)

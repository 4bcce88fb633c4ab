"""What automations, buttons and approvals do: named steps, each with one act.

Formulas of a step read the record it works on. Inside `each` and in the condition and
values of an update, names mean the member, and `this` the record outside. `input` holds
what a button or a webhook brought, and each record that an earlier step made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.typed import Typed
from metamodel.label import Label
from metamodel.texts import Template

AssignWay = Literal["formula", "round_robin", "least_busy", "territory", "skill"]

LapseUnit = Literal["minute", "hour", "day", "week", "month", "year", "working_hour", "working_day"]


@dataclass(frozen=True, slots=True)
class Lapse:
    """A length of time as people mean it: `-1d`, `3wd` (working days), `2h`, `1mo`."""

    amount: int
    unit: LapseUnit


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set fields of the record at hand; `values` by field key."""

    entity: str
    values: Mapping[str, Typed]


@dataclass(frozen=True, slots=True)
class CreateRecord:
    """Make a record of `entity`; later steps read it as `input.<step>`."""

    entity: str
    values: Mapping[str, Typed]


@dataclass(frozen=True, slots=True)
class UpdateRecords:
    """Set fields of all records of `entity` for which `where` holds."""

    entity: str
    where: Typed
    values: Mapping[str, Typed]


@dataclass(frozen=True, slots=True)
class DeleteRecords:
    """Move records to the trash: those for which `where` holds; None: the record at hand."""

    entity: str
    where: Typed | None = None


@dataclass(frozen=True, slots=True)
class FindRecord:
    """Find the oldest record of `entity` for which `where` holds; later steps read it as
    `input.<step>`, which is blank where there is none."""

    entity: str
    where: Typed


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the record at hand to somebody: the person in its field `field`.

    `by` is the person (way `formula`), or the territory or skill that the person's field
    `match` must hold. Among whom: people with one of `roles` for whom `among` holds.
    """

    entity: str
    field: str
    way: AssignWay
    by: Typed | None = None
    match: str = ""
    roles: tuple[str, ...] = ()
    among: Typed | None = None


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people inside the product; `message` names one of the app's, else `text` is said."""

    to: Typed | None
    roles: tuple[str, ...] = ()
    message: str = ""
    text: Template = Template()


@dataclass(frozen=True, slots=True)
class Shown:
    """Fields of the record at hand, by key, that show how far a message is.

    `state` is a choice with the options `STATES`; `at` is when it went, `why` a choice of what
    stood in the way, `cost` what a gateway says that it cost, `subject` and `text` its words with
    the gaps filled. `opened` and `clicked` are when a mail was first opened, and a link of it first
    followed, `opens` and `clicks` how often that was seen. Blank: nothing shows it.
    """

    entity: str
    state: str
    at: str = ""
    why: str = ""
    cost: str = ""
    subject: str = ""
    text: str = ""
    opened: str = ""
    clicked: str = ""
    opens: str = ""
    clicks: str = ""


STATES = ("queued", "sent", "suppressed", "failed")
"""Options of a field that shows how far a message is."""


@dataclass(frozen=True, slots=True)
class SendEmail:
    """Write to people or addresses; `message` names one of the app's, else subject and text.

    By e-mail, or by another `channel`: to phone numbers, or names in WeChat.

    `files` shows the files of the record at hand that go along, `result` shows what becomes of it.
    `attach` are documents by name, made from the record at hand. `whom` is the record that is
    written to, a customer say: all that is sent to it counts together. A mail whose `result`
    shows whether it was opened is followed where `tracked` holds; without it always.
    """

    to: Typed
    cc: Typed | None = None
    message: str = ""
    subject: Template = Template()
    text: Template = Template()
    attach: tuple[str, ...] = ()
    whom: Typed | None = None
    channel: Literal["email", "sms", "wechat", "voice", "fax"] = "email"
    files: Template = Template()
    result: Shown | None = None
    tracked: Typed | None = None


@dataclass(frozen=True, slots=True)
class CallWebhook:
    """Send the values of `body` to an address outside, signed with the tenant's secret."""

    url: str
    body: Mapping[str, Typed]
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MakeDocument:
    """Make a document of the record at hand; kept in its field `into`, else attached to it."""

    document: str
    entity: str
    into: str = ""


@dataclass(frozen=True, slots=True)
class StartApproval:
    """Submit the record at hand to an approval, by name."""

    approval: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on later: after a time, at a moment of the record, or as soon as a condition holds."""

    lapse: Lapse | None = None
    until: Typed | None = None
    when: Typed | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One way a branch may take: the first whose condition holds is taken."""

    name: str
    label: Label
    when: Typed | None
    steps: tuple[ActionStep, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """Take the first arm whose condition holds; the last may be without one."""

    arms: tuple[Arm, ...]


REFUSAL = "refusal"
"""Under what steps read the code of what stood in the way of a member."""


@dataclass(frozen=True, slots=True)
class Each:
    """Run steps once for each member of a collection (`path`) for which `where` holds.

    With `singly` what cannot be done for one member stands in nobody else's way: it is taken
    back, and the steps `refused` are done for that member, which read why as `input.refusal`.
    """

    path: str
    entity: str
    steps: tuple[ActionStep, ...]
    where: Typed | None = None
    singly: bool = False
    refused: tuple[ActionStep, ...] = ()


@dataclass(frozen=True, slots=True)
class CallAutomation:
    """Run another automation on the record at hand, by name."""

    automation: str


@dataclass(frozen=True, slots=True)
class ConvertRecord:
    """Run a conversion of the record at hand, by key; its records are `input.<step>`."""

    entity: str
    convert: str


Act = (
    SetFields
    | CreateRecord
    | UpdateRecords
    | DeleteRecords
    | FindRecord
    | Assign
    | Notify
    | SendEmail
    | CallWebhook
    | MakeDocument
    | StartApproval
    | Wait
    | Branch
    | Each
    | CallAutomation
    | ConvertRecord
)


@dataclass(frozen=True, slots=True)
class ActionStep:
    """One named step: what it does, and the condition under which it does so."""

    key: str
    name: str
    label: Label
    act: Act
    when: Typed | None = None

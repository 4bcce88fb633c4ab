"""Links public pools and service levels."""

from __future__ import annotations

from decimal import Decimal

from metamodel.duties import Escalation, Members, Pool, Return, ServiceLevel, Target
from metamodel.fieldtypes import FIELD_TYPES, NotAValue, Options
from metamodel.label import Label
from metamodel.linking.behaviour import field_keys
from metamodel.linking.draft import Draft, known_roles
from metamodel.linking.formulas import Rules, check_node, formula
from metamodel.linking.lapses import read_lapse
from metamodel.linking.steps import link_steps
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of

IMPERSONAL = Rules(FIELD_TYPES["boolean"].value_type(Options()), personal=False)
"""A condition that the product asks by itself, so that nobody is acting."""

HOURS = Rules(FIELD_TYPES["decimal"].value_type(Options(scale=4)), personal=False)
"""A number of working hours."""


def link_pools(draft: Draft) -> dict[str, Pool]:
    """Return public pools by key."""
    return draft.linked("pools", _pool)


def link_service_levels(draft: Draft) -> dict[str, ServiceLevel]:
    """Return service levels by key."""
    return draft.linked("service_levels", _service_level)


def _pool(draft: Draft, node: Node) -> Pool | None:
    entity = draft.over(node)
    if entity is None:
        return None
    if not entity.owned:
        node.report(
            "not_owned",
            f"Records of `{entity.name}` have no owner, so they cannot be in a pool.",
            f"Say `owned: true` on `{entity.name}`.",
            at="entity",
        )
    scope = scope_of(draft.model, entity.key)
    returns = [_return(each, scope) for each in node.child("returns").live()]
    return Pool(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        active=node.flag("active", default=True),
        module=draft.module(node),
        help=node.label("help"),
        when=formula(node, "when", scope, IMPERSONAL),
        members=_members(draft, node.child("members")),
        hold_limit=node.whole("hold_limit") or 0,
        daily_claims=node.whole("daily_claims") or 0,
        daily_views=node.whole("daily_views") or 0,
        masked=field_keys(node, "masked", entity),
        cool_down=read_lapse(node, "cool_down"),
        returns={each.name: each for each in returns if each is not None},
        exempt=formula(node, "exempt", scope, IMPERSONAL),
        protected=read_lapse(node, "protected"),
        warn_before=read_lapse(node, "warn_before"),
        calendar=_calendar(draft, node),
    )


def _return(node: Node, scope: ModelScope) -> Return | None:
    """Return a condition, written alone or with its label."""
    condition = node.child("when") if "when" in node else node
    typed = check_node(condition, scope, IMPERSONAL)
    label = node.label() or Label({"": node.name.replace("_", " ")})
    return None if typed is None else Return(node.name, label, typed)


def _members(draft: Draft, node: Node) -> Members:
    where = formula(node, "where", scope_of(draft.model, "user"), IMPERSONAL)
    return Members(known_roles(draft, node, "roles"), where)


def _calendar(draft: Draft, node: Node) -> str:
    name = node.text("calendar")
    known = [each.name for each in draft.root.child("calendars").live()]
    if name and name not in known:
        sentence = f"There is no calendar `{name}`."
        node.report("unknown_calendar", sentence, nearest(name, known), at="calendar")
    return name


def _service_level(draft: Draft, node: Node) -> ServiceLevel | None:
    entity = draft.over(node)
    if entity is None:
        return None
    scope = scope_of(draft.model, entity.key)
    found = (_target(each, scope) for each in node.child("targets").live())
    targets = {target.key: target for target in found if target is not None}
    if "targets" not in node:
        sentence = f"The service level `{node.name}` promises nothing."
        node.report("missing_key", sentence, "Add `targets:`, each with `within:`.")
    return ServiceLevel(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        targets=targets,
        active=node.flag("active", default=True),
        module=draft.module(node),
        help=node.label("help"),
        when=formula(node, "when", scope, IMPERSONAL),
        calendar=_calendar(draft, node),
        start_when=formula(node, "start_when", scope, IMPERSONAL),
        pause_when=formula(node, "pause_when", scope, IMPERSONAL),
        stop_when=formula(node, "stop_when", scope, IMPERSONAL),
        escalation=tuple(
            _escalation(draft, each, scope, targets) for each in node.child("escalation").live()
        ),
    )


def _target(node: Node, scope: ModelScope) -> Target | None:
    within, hours = read_lapse(node, "within"), formula(node, "hours", scope, HOURS)
    when = formula(node, "when", scope, IMPERSONAL)
    stop_when = formula(node, "stop_when", scope, IMPERSONAL)
    if ("within" in node) == ("hours" in node):
        node.report(
            "missing_key",
            f"The target `{node.name}` has no time."
            if "within" not in node
            else f"The target `{node.name}` has two times.",
            "Write `within:`, such as `within: 4wh`, or `hours:`, a formula of working hours.",
        )
    if within is None and hours is None:
        return None
    return Target(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        group=node.text("group") or node.name,
        within=within,
        hours=hours,
        when=when,
        stop_when=stop_when,
    )


def _escalation(
    draft: Draft, node: Node, scope: ModelScope, targets: dict[str, Target]
) -> Escalation:
    named = node.text("target")
    by_name = {name: key for key, each in targets.items() for name in (each.name, each.group)}
    if named and named not in by_name:
        sentence = f"There is no target `{named}`."
        node.report("unknown_target", sentence, nearest(named, set(by_name) - {""}), at="target")
    share, after = _share(node), read_lapse(node, "after")
    if ("share" in node) == ("after" in node):
        node.report(
            "missing_key",
            f"The escalation `{node.name}` does not say when.",
            "Write `share: 80%` of the target's time, or `after: 1h` once it was missed.",
        )
    steps = link_steps(draft, node.child("steps"), scope)
    return Escalation(node.key, node.name, steps, named, share, after)


def _share(node: Node) -> Decimal | None:
    value = node.get("share")
    if value is None:
        return None
    try:
        parsed = FIELD_TYPES["percent"].parse(value, Options())
    except NotAValue as error:
        node.report(
            "wrong_value", f"`share` is `{value}`, but {error}.", "Write `80%`.", at="share"
        )
        return None
    return parsed if isinstance(parsed, Decimal) else None

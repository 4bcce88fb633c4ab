"""What a person's roles grant on an entity, written as a condition in the formula language.

Several roles add up, a deny wins over every grant, child lines follow their parent. Shares,
members and followed records widen what a role grants, and never go further than some role does.
The text is the same for everybody with the same roles: who acts is read as `user.…`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from engine.access.inherit import through
from engine.context import Actor, Context
from engine.errors import Forbidden
from metamodel.access import Action, Grant, Role, ScopeName
from metamodel.duties import Pool
from metamodel.model import Entity, Model

ADMINISTRATOR = "administrator"
"""The built-in role of every tenant, which holds every right."""

NOTHING = "false"
EVERYTHING = "true"


RuleKind = Literal[
    "everything", "known", "uploader", "grant", "share", "member", "follows", "deny", "pool"
]
"""Why a rule holds: all rights, what colleagues know of each other, one's own upload, a role;
or, widening what a role grants: a share, being a member, the rights on a record that is linked;
or the door of a public pool.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for which records are reached or barred, as a condition on the records.

    `name` is what a refusal cites; `role` and `scope` are those it was written with, if it was.
    """

    kind: RuleKind
    name: str
    text: str
    role: str = ""
    scope: ScopeName | None = None


def roles_of(ctx: Context) -> tuple[Role, ...]:
    """Return the roles of the acting person that the model knows."""
    return tuple(ctx.model.roles[name] for name in ctx.actor.roles if name in ctx.model.roles)


def rights_key(ctx: Context) -> tuple[Hashable, ...]:
    """Return what rights follow from besides the model: equal for people who may do the same."""
    return (ctx.actor.roles, ctx.actor.kind, ctx.actor.scopes, ctx.pool)


def holds_everything(actor: Actor, roles: Iterable[Role]) -> bool:
    """Return whether no grant needs to be asked: an administrator, or the system itself."""
    if actor.kind == "system" or ADMINISTRATOR in actor.roles:
        return True
    return any(role.all_rights for role in roles)


def administers(ctx: Context) -> bool:
    """Return whether a person may change what their tenant is made of, and who works in it."""
    return whole(ctx.actor) and holds_everything(ctx.actor, roles_of(ctx))


def require_everything(ctx: Context, action: str = "") -> None:
    """Raise `Forbidden` for whoever does not hold every right, or calls with a narrower token."""
    if not administers(ctx):
        raise Forbidden(**({"action": action} if action else {}))


def whole(actor: Actor) -> bool:
    """Return whether nothing narrows what somebody's roles allow: a session, or a token for all."""
    return actor.scopes is None or "all" in actor.scopes


def changes(role: Role, owner: Entity) -> bool:
    """Return whether a role lets people write any record of an entity that is nobody's child."""
    return any(g.entity in (owner.key, "*") and g.action in ("create", "update")
               for g in role.grants)  # fmt: skip


def reaches(role: Role, owner: Entity) -> bool:
    """Return whether a role lets people read any record of an entity that is nobody's child."""
    return grants_to(role, owner, "read")


def grants_to(role: Role, owner: Entity, action: Action) -> bool:
    """Return whether a role grants an action on any record of an entity that is nobody's child."""
    return any(g.entity in (owner.key, "*") and g.action == action for g in role.grants)


def sees_sql(ctx: Context) -> bool:
    """Return whether the person may see the statement behind a figure."""
    roles = roles_of(ctx)
    return holds_everything(ctx.actor, roles) or any(role.see_sql for role in roles)


def gives_of(ctx: Context) -> frozenset[str] | None:
    """Return the roles that the person may give to people, and take; None: every one.

    A token that is narrower than its owner gives no more than the owner's roles list.
    """
    roles = roles_of(ctx)
    if whole(ctx.actor) and holds_everything(ctx.actor, roles):
        return None
    return frozenset(name for role in roles for name in role.gives)


def explains(ctx: Context) -> bool:
    """Return whether the person may ask why somebody else can or cannot do something."""
    roles = roles_of(ctx)
    return whole(ctx.actor) and (
        holds_everything(ctx.actor, roles) or any(role.explain for role in roles)
    )


def audits(ctx: Context) -> bool:
    """Return whether the person may read the audit log."""
    roles = roles_of(ctx)
    return whole(ctx.actor) and (
        holds_everything(ctx.actor, roles) or any(role.audit for role in roles)
    )


def parents_of(model: Model, entity: Entity) -> tuple[tuple[str, ...], Entity]:
    """Return the link fields that lead from a child to its outermost parent, and that parent."""
    links: list[str] = []
    while entity.child_of is not None:
        links.append(entity.child_of.via)
        entity = model.entities[entity.child_of.entity]
    return tuple(links), entity


def action_on_parent(action: str) -> str:
    """Return what somebody must be allowed on the parent to do `action` to its lines."""
    return action if action in ("read", "export", NAME) else "update"


def out_of_reach(ctx: Context, entity: Entity, action: str) -> bool:
    """Return whether an entity belongs to a module that is switched off; its names stay known."""
    return entity.off and action != NAME and ctx.actor.kind != "system"


def condition(ctx: Context, entity: Entity, action: str) -> str:
    """Return the condition on an entity that is nobody's child, as a formula's text."""
    if out_of_reach(ctx, entity, action):
        return NOTHING
    action = "read" if action == NAME else action
    rules = rules_of(ctx, entity, action)
    # Colleagues are named in the records that a token does reach.
    known = entity.builtin and not entity.system and action == "read" and bool(ctx.actor.scopes)
    if not known and not token_allows(ctx, entity, action):
        return NOTHING
    granted = _either(rule.text for rule in rules if rule.kind != "deny")
    denied = _either(rule.text for rule in rules if rule.kind == "deny")
    if denied == EVERYTHING or granted == NOTHING:
        return NOTHING
    parts = [part for part in (granted, _not(denied)) if part != EVERYTHING]
    if action not in ("read", "create"):
        # What somebody may not see they may not change either.
        seen = condition(ctx, entity, "read")
        if seen == NOTHING:
            return NOTHING
        parts += [seen] if seen != EVERYTHING and seen not in parts else []
    return " and ".join(f"({part})" for part in parts) if parts else EVERYTHING


def token_allows(ctx: Context, entity: Entity, action: str) -> bool:
    """Return whether an API token's scopes reach as far as this action; a session's do."""
    scopes = ctx.actor.scopes
    action = "update" if action in (SHARE, ASSIGN) else action
    if scopes is None or whole(ctx.actor):
        return True
    if action in ("read", "export") and "read" in scopes:
        return True
    held = token_rights(ctx.model, scopes, entity)
    return bool(held & {action, "all", "write"} or (action == "read" and held))


def token_rights(model: Model, scopes: Collection[str], entity: Entity) -> frozenset[str]:
    """Return the rights that scopes name of an entity, by its name or one that it had before."""
    named = (scope.partition(":") for scope in scopes if ":" in scope)
    return frozenset(
        right
        for name, _, right in named
        if (found := model.entity_named(name)) is not None and found.key == entity.key
    )


def rules_of(ctx: Context, entity: Entity, action: str) -> tuple[Rule, ...]:
    """Return every rule that decides on an entity that is nobody's child: grants, then denies.

    Any grant that holds allows, any deny that holds forbids. What a token narrows and what must
    be seen before it is changed are no rules of their own: see `condition`.
    """
    pool = pool_over(ctx, entity)
    if pool is not None:
        return (Rule("pool", pool.name, unowned(pool)),) if action == "read" else ()
    roles = roles_of(ctx)
    denied = [
        _written("deny", role, entity, deny)
        for role in roles
        for deny in _matching(role.denies, entity, action)
    ]
    return (*_granting(ctx, roles, entity, action), *denied)


def pool_over(ctx: Context, entity: Entity) -> Pool | None:
    """Return the pool through whose door somebody looks at records of an entity, if they do."""
    pool = ctx.model.pools.get(ctx.pool) if ctx.pool else None
    return pool if pool is not None and pool.entity == entity.key else None


def unowned(pool: Pool) -> str:
    """Return the condition on the records of a pool that nobody has."""
    return "ISBLANK(owner)" if pool.when is None else f"ISBLANK(owner) and ({pool.when.text})"


def _granting(
    ctx: Context, roles: tuple[Role, ...], entity: Entity, action: str
) -> tuple[Rule, ...]:
    if holds_everything(ctx.actor, roles):
        whole = (role.name for role in roles if role.all_rights)
        return (Rule("everything", next(whole, ctx.actor.kind), EVERYTHING),)
    if action == "read" and entity.key == FILE:
        # Whoever uploaded a file may put it into a record; others read it with that record.
        return (Rule("uploader", entity.name, "uploader == user.id"),)
    if action == "read" and entity.builtin and not entity.system:
        # Colleagues, departments and teams are known to everybody who works here.
        return (Rule("known", entity.name, EVERYTHING),)
    asked = "update" if action in (SHARE, ASSIGN) else action
    granted = tuple(
        _written("grant", role, entity, grant)
        for role in roles
        for grant in _matching(role.grants, entity, asked)
    )
    widens = granted and all(rule.text != EVERYTHING for rule in granted)
    return (*granted, *(_widening(ctx, entity, action) if widens else ()))


def _widening(ctx: Context, entity: Entity, action: str) -> Iterator[Rule]:
    """Yield what reaches further than the roles do, where a role grants the action at all."""
    if action not in ("read", "update", SHARE, ASSIGN):
        return
    members = entity.members
    if members is not None and action != ASSIGN:
        typed = members.read if action == "read" else members.write
        if typed is not None:
            yield Rule("member", f"{entity.name}.members", typed.text)
    if action == SHARE:
        return
    if entity.owned and action != ASSIGN:
        right = "read" if action == "read" else "write"
        yield Rule("share", f"{entity.name}.shares", f"id in user.shared.{entity.key}.{right}")
    # What lies in a pool is seen through its door, and nothing else because of it.
    plain = replace(ctx, pool="") if ctx.pool else ctx
    for key in entity.follows:
        link = entity.fields[key]
        target = ctx.model.entities[link.link.to[0]] if link.link else entity
        theirs = condition(plain, target, action)
        if theirs != NOTHING:
            # What lies in the trash reads as blank, and `not` of a blank would hold.
            text = f"not ISBLANK({link.name}.id)"
            if theirs != EVERYTHING:
                text = f"{text} and ({through(theirs, link.name)})"
            yield Rule("follows", f"{entity.name}.follows.{link.name}", text)


def _written(kind: RuleKind, role: Role, entity: Entity, grant: Grant) -> Rule:
    name = f"{role.name}.{grant.entity}.{grant.action}: {grant.scope or 'where'}"
    return Rule(kind, name, _scope(entity, grant), role.name, grant.scope)


def _matching(grants: tuple[Grant, ...], entity: Entity, action: str) -> tuple[Grant, ...]:
    """Return the grants of one role that decide: those that name the entity, else those for all."""
    named = tuple(g for g in grants if g.entity == entity.key and g.action == action)
    return named or tuple(g for g in grants if g.entity == "*" and g.action == action)


def _scope(entity: Entity, grant: Grant) -> str:
    if grant.where is not None:
        return grant.where.text
    return scope_text(entity, grant.scope or "all")


def scope_text(entity: Entity, scope: ScopeName) -> str:
    """Return a named scope as a condition; without an owner, who made the record counts."""
    owner = "owner" if "owner" in entity.fields else "created_by"
    department = "department" if "department" in entity.fields else f"{owner}.department"
    match scope:
        case "all":
            return EVERYTHING
        case "own":
            return f"{owner} in user.acting_for"
        case "team":
            return f"{owner} in user.acting_for or ANY({owner}.memberships, team in user.team)"
        case "department":
            return f"{owner} in user.acting_for or {department} in user.home_departments"
        case "department_tree":
            return f"{owner} in user.acting_for or {department} in user.departments"


def _either(conditions: Iterable[str]) -> str:
    """Return what holds where any of the conditions does."""
    different = list(dict.fromkeys(conditions))
    if EVERYTHING in different:
        return EVERYTHING
    if len(different) <= 1:
        return different[0] if different else NOTHING
    return " or ".join(f"({condition})" for condition in different)


def _not(condition: str) -> str:
    return EVERYTHING if condition == NOTHING else f"not ({condition})"


SHARE = "share"
"""Giving others a share of a record: allowed to whoever may update it by a role."""

ASSIGN = "assign"
"""Changing whose a record is: allowed to whoever may update it by a role, not by being lent it."""

NAME = "name"
"""Reading what a record is called: as reading it, also where its module is switched off."""

FILE = "sys_file"
"""The entity that knows of every file."""

ACTIONS: tuple[Action, ...] = ("create", "read", "update", "delete", "export", "import")
"""Everything that a role may grant on an entity."""

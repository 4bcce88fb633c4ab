"""Functions about the person acting. All are short for comparisons with what `user` says."""

from __future__ import annotations

from formula.functions.spec import FunctionSpec, Parameter, Site
from formula.typed import Constant, Node, Operation
from formula.types import BlankType, BooleanType, RecordType

_PERSON = Parameter("person", "any")


def _has_role(site: Site) -> Node | None:
    roles = site.read(("user", "roles"))
    return None if roles is None else site.compare("in", site.arguments[0], roles)


def _same_person(site: Site, person: Node) -> Node | None:
    user = site.read(("user", "id"))
    return None if user is None else _same(site, person, user)


def _same(site: Site, one: Node, other: Node) -> Node | None:
    """Return that two values are equal and there: two blanks are nobody's."""
    equal = site.compare("==", one, other)
    there = site.compare("!=", one, Constant(None, BlankType(), site.span))
    if equal is None or there is None:
        return None
    return Operation("and", (equal, there), BooleanType(), site.span)


def _is_owner(site: Site) -> Node | None:
    owner = site.read(("owner",))
    return None if owner is None else _same_person(site, owner)


def _beside(site: Site, name: str) -> Node | None:
    """Return what is said of the person that the first argument names."""
    path = site.path_of(0)
    if path is None or not isinstance(site.arguments[0].type, RecordType):
        site.refuse("wrong_argument", "expected a field that holds a person", "write owner")
        return None
    return site.read((*path, name))


def _in_my_team(site: Site) -> Node | None:
    theirs = _beside(site, "team")
    mine = None if theirs is None else site.read(("user", "team"))
    return None if theirs is None or mine is None else _same(site, theirs, mine)


def _manager_of(site: Site) -> Node | None:
    manager = _beside(site, "manager")
    return None if manager is None else _same_person(site, manager)


PEOPLE = (
    FunctionSpec(
        name="HASROLE",
        family="people",
        signature="HASROLE(role)",
        help={
            "en": "True where the person acting has a role.",
            "zh": "当前人员拥有某角色时为真。",
        },
        example='HASROLE("sales")',
        parameters=(Parameter("role", "text", literal=True),),
        lower=_has_role,
    ),
    FunctionSpec(
        name="ISOWNER",
        family="people",
        signature="ISOWNER()",
        help={
            "en": "True where the person acting owns the record.",
            "zh": "当前人员是记录负责人时为真。",
        },
        example="ISOWNER()",
        parameters=(),
        lower=_is_owner,
    ),
    FunctionSpec(
        name="INMYTEAM",
        family="people",
        signature="INMYTEAM(person)",
        help={
            "en": "True where a person is in the team of the person acting.",
            "zh": "某人与当前人员同属一个团队时为真。",
        },
        example="INMYTEAM(owner)",
        parameters=(_PERSON,),
        lower=_in_my_team,
    ),
    FunctionSpec(
        name="MANAGEROF",
        family="people",
        signature="MANAGEROF(person)",
        help={
            "en": "True where the person acting is the manager of a person.",
            "zh": "当前人员是某人的上级时为真。",
        },
        example="MANAGEROF(owner)",
        parameters=(_PERSON,),
        lower=_manager_of,
    ),
)

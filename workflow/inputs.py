"""What is asked before steps run: read and checked like what a form sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from engine.access.policy import Policy
from engine.context import Context
from engine.errors import FieldError, RecordRefused
from engine.query.titles import titles_of
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.values.payload import reference_of
from engine.values.readers import Refused, read_value
from metamodel.fields import Field


def read_inputs(
    work: Work, policy: Policy, asked: Mapping[str, Field], stand: Stand, sent: Mapping[str, Any]
) -> Mapping[str, object]:
    """Return the values of `asked`, by name; raise `RecordRefused` with all that is wrong.

    What is not sent has its default. Any: JSON of every shape.
    """
    errors = [FieldError("unknown_field", ("input", name)) for name in sent if name not in asked]
    found: dict[str, object] = {}
    for name, field in asked.items():
        try:
            found[name] = _value(work, policy, field, sent[name]) if name in sent else field.default
        except Refused as refusal:
            errors.append(FieldError(refusal.code, ("input", name), refusal.params))
    if not errors:
        found |= _defaults(work, asked, Stand(stand.entity, stand.record, given=found), sent)
        inside = Stand(stand.entity, stand.record, given=found)
        errors += _missing(work, asked, inside)
    if errors:
        raise RecordRefused(errors)
    return found


def _value(work: Work, policy: Policy, field: Field, value: object) -> object:
    if field.link is None or value in (None, "", []):
        return None if field.link is not None else read_value(field, value)
    if not field.link.many:
        return _linked(work, policy, field, value)
    several = value if isinstance(value, list) else [value]
    if not field.multiple and len(several) > 1:
        raise Refused("too_many_items", max=1, count=len(several))
    return tuple(dict.fromkeys(_linked(work, policy, field, each) for each in several))


def _linked(work: Work, policy: Policy, field: Field, value: object) -> UUID:
    named = reference_of(field, work.model, value)
    if named.id is None:
        raise Refused("link_key_unknown", known=["id"])
    found = _readable(work.ctx, work, policy, named.entity, named.id)
    if not found:
        raise Refused("link_missing", value=str(named.id))
    return named.id


def _readable(ctx: Context, work: Work, policy: Policy, entity: str, record: UUID) -> bool:
    titles = titles_of(ctx, policy, work.connection, entity, {record})
    found = titles.get(record)
    return found is not None and not found.restricted and not found.trashed


def _defaults(
    work: Work, asked: Mapping[str, Field], stand: Stand, sent: Mapping[str, Any]
) -> Mapping[str, object]:
    """Return what formulas give to whatever was not sent. Any: JSON of every shape."""
    formulas = {
        name: each.default_formula
        for name, each in asked.items()
        if each.default_formula is not None and name not in sent
    }
    if not formulas:
        return {}
    key = ("input defaults", *formulas, *(typed.text for typed in formulas.values()))
    values = values_here(work, stand, list(formulas.values()), key)
    return dict(zip(formulas, values, strict=True))


def _missing(work: Work, asked: Mapping[str, Field], stand: Stand) -> Iterator[FieldError]:
    """Yield what must be filled and is not."""
    for name, field in asked.items():
        if stand.given.get(name) is not None:
            continue
        needed = field.required
        if not needed and field.required_when is not None:
            key = ("input required", name, field.required_when.text)
            needed = bool(values_here(work, stand, [field.required_when], key)[0])
        if needed:
            yield FieldError("required", ("input", name))

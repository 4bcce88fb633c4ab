"""Reads acts on records: set, create, update, delete, find, convert."""

from __future__ import annotations

from metamodel.actions import (
    Act,
    ConvertRecord,
    CreateRecord,
    DeleteRecords,
    FindRecord,
    SetFields,
    UpdateRecords,
)
from metamodel.linking.acts.ground import Ground
from metamodel.linking.formulas import condition
from metamodel.linking.values import set_values
from metamodel.nearest import nearest


def set_fields(ground: Ground) -> Act | None:
    """Read `set: {field: formula}` on the record at hand."""
    entity = ground.at_hand()
    if entity is None:
        return None
    return SetFields(entity.key, set_values(ground.node, entity, ground.scope))


def create(ground: Ground) -> Act | None:
    """Read `create: entity, set: {…}`."""
    node = ground.node
    entity = ground.draft.entity(node, node.text("create"), at="create")
    if entity is None:
        return None
    return CreateRecord(entity.key, set_values(node, entity, ground.scope))


def update(ground: Ground) -> Act | None:
    """Read `update: entity, filter: …, set: {…}`; without a filter it would change every record."""
    node = ground.node
    entity = ground.draft.entity(node, node.text("update"), at="update")
    if entity is None or not _filtered(ground, "update"):
        return None
    inner = ground.members(entity)
    where = condition(node, "filter", inner)
    values = set_values(node, entity, inner)
    return UpdateRecords(entity.key, where, values) if where is not None else None


def delete(ground: Ground) -> Act | None:
    """Read `delete: true`, or `delete: entity, filter: …`."""
    node = ground.node
    if not node.text("delete"):
        entity = ground.at_hand()
        return DeleteRecords(entity.key) if entity is not None else None
    entity = ground.draft.entity(node, node.text("delete"), at="delete")
    if entity is None or not _filtered(ground, "delete"):
        return None
    where = condition(node, "filter", ground.members(entity))
    return DeleteRecords(entity.key, where) if where is not None else None


def find(ground: Ground) -> Act | None:
    """Read `find: entity, filter: …`."""
    node = ground.node
    entity = ground.draft.entity(node, node.text("find"), at="find")
    if entity is None or not _filtered(ground, "find"):
        return None
    where = condition(node, "filter", ground.members(entity))
    return FindRecord(entity.key, where) if where is not None else None


def convert(ground: Ground) -> Act | None:
    """Read `convert: conversion` of the record at hand."""
    entity, named = ground.at_hand(), ground.node.text("convert")
    if entity is None:
        return None
    by_name = {each.name: each for each in entity.converts.values()}
    if named not in by_name:
        ground.node.report(
            "unknown_conversion",
            f"`{entity.name}` has no conversion `{named}`.",
            nearest(named, by_name),
            at="convert",
        )
        return None
    return ConvertRecord(entity.key, by_name[named].key)


def _filtered(ground: Ground, act: str) -> bool:
    if "filter" in ground.node:
        return True
    ground.node.report(
        "missing_key",
        f"`{ground.node.name}` does not say which records to {act}.",
        'Add `filter:`; `"true"` stands for all.',
        at=act,
    )
    return False

"""Links encrypted fields: which types they may have, their columns, and what they cannot be."""

from __future__ import annotations

from dataclasses import replace

from metamodel.linking.columns import column_name
from metamodel.model import Entity, Field
from metamodel.reader import Node

ENCRYPTABLE = ("text", "long_text", "email", "phone", "url", "code")
"""Field types whose values can be encrypted: texts that people enter."""

GIVEN = ("formula", "default", "default_formula", "index")
"""Keys that ask of a value what an encrypted one cannot tell, or fill it where no person does."""


def encrypted(linked: Field, node: Node) -> Field:
    """Return a field with the columns of an encrypted one; report what it cannot be."""
    if linked.type not in ENCRYPTABLE:
        node.report(
            "encrypted_type",
            f"`{node.name}` is a {linked.type}, which cannot be encrypted.",
            f"Take `encrypted` out, or make it one of {', '.join(ENCRYPTABLE)}.",
            at="encrypted",
        )
        return linked
    for key in GIVEN:
        if key in node:
            node.report(
                "encrypted_use",
                f"`{node.name}` is encrypted, and also has `{key}`.",
                "Nothing is computed from an encrypted value or sorted by it: keep one of the two.",
                at=key,
            )
    return replace(
        linked,
        encrypted=True,
        column=column_name(linked.key, "encrypted"),
        blind_column=column_name(linked.key, "blind index"),
        tail_column=column_name(linked.key, "blind index of the end") if linked.search else "",
    )


def keeps_clear(node: Node, entity: Entity, key: str, *, at: str = "") -> bool:
    """Report a place that needs a field's clear value, where the field is encrypted."""
    field = entity.fields[key]
    if not field.encrypted:
        return True
    node.report(
        "encrypted_use",
        f"`{field.name}` is encrypted: it cannot be used here.",
        "Name a field that is not encrypted.",
        at=at,
    )
    return False

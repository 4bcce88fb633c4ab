"""What becomes of a tenant's own layer over newer documents: three ways, answered by rules."""

from __future__ import annotations

from collections.abc import Sequence

from engine.schema.revisions import Document
from engine.store import layers_of, model_of
from engine.upgrading.rules import Rules
from metamodel.threeway import Answer, Path
from metamodel.upgrading import Upgrade, upgraded

ROUNDS = 8
"""How often rules are asked again: answers may raise questions of their own."""


def merged(documents: Sequence[Document], newer: Sequence[Document], rules: Rules) -> Upgrade:
    """Return the tenant's layer over the newer documents, questions answered as rules say."""
    if not documents[-1].text.strip():
        model_of(newer)
        return Upgrade({})
    old, new = layers_of(documents[:-1]), layers_of(newer[:-1])
    (own,) = layers_of(documents[-1:])
    answers: dict[Path, Answer] = {}
    found = upgraded(old, new, own)
    for _ in range(ROUNDS):
        more = rules.answers(found.questions)
        if not more:
            break
        answers |= more
        found = upgraded(old, new, own, answers)
    return found

"""What OpenAPI says of public pools, and of clocks of service levels."""

from __future__ import annotations

from typing import get_args

from metamodel.model import Entity
from ui.blueprints.api.calls import call_of, content_of, in_path, in_query, limited, of_one
from ui.blueprints.api.shapes import (
    ANY_OBJECT,
    ID,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Json,
    listed,
    whole,
)
from workflow.pools.holdings import MOVES
from workflow.pools.taking import MOST_AT_ONCE
from workflow.service_levels.clock import State

LEFT: Json = {"type": ["integer", "null"]}

PERSON: Json = {"anyOf": [ANY_OBJECT, {"type": "null"}]}

WHY: Json = {"enum": ["taken", "busy", "cooling", "elsewhere", "holds_enough", "claimed_enough"]}

POOL: Json = whole(name=TEXT, label=TEXT, entity=TEXT, may_hold=LEFT, left_today=LEFT)

CLAIMED: Json = whole(
    claimed=listed(ID), missed=listed(whole(id=ID, why=WHY)), may_hold=LEFT, left_today=LEFT
)

HOLDER: Json = whole(
    what={"enum": list(MOVES)}, at=TEXT, pool=TEXT_OR_NULL, holder=PERSON, former=PERSON,
    by=PERSON, reason=TEXT_OR_NULL, reason_label=TEXT_OR_NULL, note=TEXT_OR_NULL,
)  # fmt: skip

CLOCK: Json = whole(
    group=TEXT, service_level=TEXT, target=TEXT, state={"enum": list(get_args(State))},
    started_at=TEXT, due=TEXT_OR_NULL, paused_at=TEXT_OR_NULL, ended_at=TEXT_OR_NULL,
    pauses=listed(listed(TEXT)),
)  # fmt: skip

COMMON: dict[str, Json] = {
    "claim": {
        "type": "object",
        "properties": {
            "ids": {**listed(ID), "maxItems": MOST_AT_ONCE},
            "count": {**NUMBER, "minimum": 1, "maximum": MOST_AT_ONCE},
        },
        "additionalProperties": False,
    },
    "giving_back": whole(pool=TEXT, reason=TEXT),
}
"""The bodies of calls on pools."""


def pool_paths() -> Json:
    """Return the calls on public pools."""
    rows = content_of(whole(data=listed(ANY_OBJECT), next=TEXT_OR_NULL))
    asked = [in_query("q", TEXT), in_query("sort", TEXT), limited(50), in_query("cursor", TEXT)]
    of_pool = {"parameters": [in_path("pool", TEXT)]}
    one = {"parameters": [in_path("pool", TEXT), in_path("record", ID)]}
    return {
        "/pools": {"get": call_of("pools", content_of(whole(data=listed(POOL))))},
        "/pools/{pool}": {**of_pool, "get": call_of("pool", rows, parameters=asked)},
        "/pools/{pool}/claim": {
            **of_pool, "post": call_of("claim", content_of(CLAIMED), body="claim"),
        },
        "/pools/{pool}/{record}": {**one, "get": call_of("poolrecord", content_of(ANY_OBJECT))},
    }  # fmt: skip


def duty_paths(entity: Entity) -> Json:
    """Return the calls on who had a record, and on its clocks."""
    name, found = entity.name, {}
    if entity.owned:
        past = content_of(whole(data=listed(HOLDER)))
        back = call_of(f"giveback_{name}", {}, body="giving_back", success="204")
        found[f"/records/{name}/{{id}}/give-back"] = of_one(post=back)
        found[f"/records/{name}/{{id}}/holders"] = of_one(get=call_of(f"holders_{name}", past))
    answer = content_of(whole(data=listed(CLOCK)))
    found[f"/records/{name}/{{id}}/clocks"] = of_one(get=call_of(f"clocks_{name}", answer))
    return found

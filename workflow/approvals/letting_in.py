"""Whoever is asked to decide on a record is let in to read it, where they could not before."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.notices.tables import columns_of
from engine.query.shared import SHARES
from engine.records.formed import Stand
from engine.records.work import Work
from engine.tenants.people import SYSTEM_USER
from engine.values.identity import new_ids
from workflow.approvals.course import waiting
from workflow.approvals.keeping import Case
from workflow.doing import Hands, Here
from workflow.recipients import person_of
from workflow.runs import begin

NOTE = "approval"
"""What stands beside a share that an approval made."""


def let_in(ctx: Context, connection: Connection, hands: Hands, case: Case) -> None:
    """Share a record with those who are asked and do not see it; never beyond their roles."""
    kind = ctx.model.entities[case.entity]
    asked = waiting(case.course)
    if not kind.owned or kind.child_of is not None or not asked:
        return
    stand = Stand(case.entity, case.record)
    here = Here(
        ctx, connection, Work.begin(ctx, connection, hands.policy), hands,
        begin(ctx, case.approval, stand), stand, (case.approval,),
    )  # fmt: skip
    outside = []
    for each in asked:
        actor = person_of(here, each)
        if actor is not None:
            theirs = replace(ctx, actor=actor)
            seen = hands.policy.permitted(
                theirs, connection, [case.record], entity=case.entity, action="read"
            )
            outside += [] if seen else [each]
    if not outside:
        return
    table, column = columns_of(ctx, SHARES)
    common = {
        "entity": case.entity, "record": case.record, "kind": "person", "writes": False,
        "by": SYSTEM_USER, "at": ctx.now, "note": NOTE,
    }  # fmt: skip
    rows = [
        {"id": id_, "grantee": person, **common}
        for id_, person in zip(new_ids(ctx.now, len(outside)), outside, strict=True)
    ]
    named = [{column[key].name: value for key, value in row.items()} for row in rows]
    connection.execute(insert(table).values(named).on_conflict_do_nothing())

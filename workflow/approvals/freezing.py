"""What was decided on, kept as it was: the values of the record, and the document of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.context import Context
from engine.documents.filling import Filling
from engine.documents.layout import layout_of
from engine.documents.sheet import Sheet, page_of
from engine.errors import NotFound
from engine.query.inside import Inside
from engine.query.told import Telling
from engine.tenants.people import SYSTEM
from engine.values.wire import record_to_wire
from workflow.approvals.keeping import Case
from workflow.doing import Hands


@dataclass(frozen=True, slots=True)
class _Reading:
    """The transaction of the decision, to read in what it wrote."""

    connection: Connection

    @contextmanager
    def reading(self, ctx: Context) -> Iterator[Connection]:
        """Yield the connection of the decision."""
        yield self.connection


def frozen(ctx: Context, connection: Connection, hands: Hands, case: Case) -> dict[str, object]:
    """Return the record as it is decided on: `values` by name, `page` as HTML where there is one.

    It is read whole: who may look at it later is decided then.
    """
    whole = replace(ctx, actor=SYSTEM)
    try:
        (record,) = Inside(connection, hands.policy).get(whole, case.entity, [case.record])
    except NotFound:
        return {}
    values = record_to_wire(ctx.model, record)
    page = _page(whole, connection, hands, case)
    return {"values": values, **({"page": page} if page else {})}


def _page(ctx: Context, connection: Connection, hands: Hands, case: Case) -> str:
    approval = ctx.model.approvals.get(case.approval)
    named = approval.document if approval is not None else ""
    document = next((each for each in ctx.model.documents.values() if each.name == named), None)
    if document is None:
        return ""
    language = document.language or ctx.model.app.languages[0]
    layout = layout_of(ctx.model, document.entity, document.template.parts(language))
    (told,) = Telling(_Reading(connection), hands.policy).tell(ctx, layout.asked, [case.record])
    filling = Filling(ctx.model, hands.worded(ctx, language), lambda file: "")
    label = document.label.text(language) or document.name
    return page_of(Sheet(label, language, ""), filling.html(layout.pieces, told))

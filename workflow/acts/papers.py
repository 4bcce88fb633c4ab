"""Acts that make papers: a document of the record at hand, attached to it or kept in a field."""

from __future__ import annotations

from engine.doors import Edit
from engine.errors import NotFound
from metamodel.actions import MakeDocument
from workflow.acts.records import at_hand
from workflow.doing import Here, Outcome


def document(here: Here, act: MakeDocument) -> Outcome:
    """Make a document as the record is now, whatever becomes of the record; not in a rehearsal."""
    known = here.ctx.model.documents.values()
    found = next((each for each in known if act.document in (each.name, each.key)), None)
    if found is None:
        raise NotFound(document=act.document)
    record = at_hand(here)
    if here.hands.papers is None:
        return Outcome({"document": found.name})
    kept = here.hands.papers(here.connection).keep(here.ctx, found, record)
    if act.into:
        field = here.ctx.model.entities[act.entity].fields[act.into]
        value = [str(kept.id)] if field.value_type is None else str(kept.id)
        here.writer.update(here.ctx, act.entity, [Edit(record, {field.name: value})])
    return Outcome({"document": found.name, "file": str(kept.id)})

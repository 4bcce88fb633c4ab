"""Acts on people: give a record to somebody, tell people."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from engine.doors import Edit
from engine.notices import News, tell
from engine.tenants.people import SYSTEM
from metamodel.actions import Assign, Notify
from workflow.acts.messages import along, is_told_here
from workflow.acts.records import at_hand
from workflow.candidates import candidates, chosen
from workflow.doing import Here, Outcome
from workflow.errors import NobodyFits
from workflow.letters import letter
from workflow.recipients import recipients


def assign(here: Here, act: Assign) -> Outcome:
    """Give the record at hand to the person whom the step's way finds."""
    person = here.value(act.by, "by") if act.way == "formula" and act.by else None
    if act.way != "formula":
        person = next(iter(chosen(here, act, candidates(here, act))), None)
    if not isinstance(person, UUID):
        raise NobodyFits(entity=here.ctx.model.entities[act.entity].name)
    record, entity = at_hand(here), here.ctx.model.entities[act.entity]
    name = entity.fields[act.field].name
    here.writer.update(here.ctx, act.entity, [Edit(record, {name: str(person)})])
    return Outcome({"gave": str(person), "field": name})


def notify(here: Here, act: Notify) -> Outcome:
    """Tell people, each in their language and what they may read, by a message's channels."""
    people = recipients(here, act.to, act.roles)
    told = 0
    for actor, language in people if is_told_here(here, act.message) else ():
        text = letter(here, act.message, act.text, actor, language)
        if text is None:
            continue
        news = News(
            "told",
            here.stand.entity,
            here.stand.record,
            {"subject": text.subject, "text": text.words, "automation": here.run.automation},
        )
        # Whoever set the run off may be among those to be told.
        tell(replace(here.ctx, actor=SYSTEM), here.connection, [actor.user], news)
        told += 1
    words = {"told": [str(actor.user) for actor, _ in people], "count": told}
    return Outcome({**words, **along(here, act, people)})

"""Acts that reach outside: calls to other programs."""

from __future__ import annotations

from engine.history.changes import json_value
from engine.values.identity import new_id
from metamodel.actions import CallWebhook
from workflow.doing import Here, Outcome
from workflow.webhooks import Call


def webhook(here: Here, act: CallWebhook) -> Outcome:
    """Have an address outside called with the values of formulas, after the transaction."""
    values = here.values(list(act.body.values()), "body") if act.body else ()
    body = {
        name: json_value(tuple(value) if isinstance(value, list) else value)
        for name, value in zip(act.body, values, strict=True)
    }
    address = act.url.partition("?")[0]
    if here.ctx.tenant.quiet:
        return Outcome({"not_called": address})
    id_ = new_id(here.ctx.now)
    call = Call(id_, act.method, act.url, act.headers, body, here.run.id)
    here.hands.caller.call(here.ctx, here.connection, call)
    return Outcome({"called": address, "id": f"msg_{id_}"})

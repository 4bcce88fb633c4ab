"""Automations that set each other off for ever are found before they run."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, Layer, load, read_text

APP = """
format: 1
app: {name: loop, label: Loop}
entities:
  note:
    label: Note
    fields:
      text: {type: text}
      count: {type: integer}
      done: {type: boolean}
      state:
        type: choice
        options: {queued: {label: Q}, sent: {label: S}, suppressed: {label: H}, failed: {label: F}}
  copy: {label: Copy, fields: {text: {type: text}}}
approvals:
  fine:
    label: Fine
    entity: note
    steps: {one: {who: created_by}}
automations:
"""


def layer(automations: str) -> Layer:
    lines = "".join(f"  {line}\n" for line in automations.strip().splitlines())
    return read_text(APP + lines, "loop")


ENDLESS = {
    "makes its own kind": """
again: {trigger: {on: created, entity: note}, steps: {s: {create: note}}}
""",
    "adds to what it waits for": """
more: {trigger: {on: updated, entity: note, fields: [count]}, steps: {s: {set: {count: count + 1}}}}
""",
    "shows what it waits for": """
told:
  trigger: {on: updated, entity: note, fields: [state]}
  steps: {s: {email: {to: text, text: Hi, result: {state: state}}}}
""",
    "by way of another": """
there: {trigger: {on: created, entity: note}, steps: {s: {create: copy}}}
back: {trigger: {on: created, entity: copy}, steps: {s: {create: note}}}
""",
    "by what it calls": """
again: {trigger: {on: created, entity: note}, steps: {c: {call: maker}}}
maker: {trigger: {on: updated, entity: note}, when: done, steps: {s: {create: note}}}
""",
    "whichever way it takes": """
again:
  trigger: {on: created, entity: note}
  steps:
    way:
      branch: {one: {when: done, steps: {s: {create: note}}}}
      otherwise: {s: {create: note}}
""",
}

ENDING = {
    "a condition may end it": """
again: {trigger: {on: created, entity: note}, when: count < 3, steps: {s: {create: note}}}
""",
    "a step may be passed over": """
again: {trigger: {on: created, entity: note}, steps: {s: {create: note, when: count < 3}}}
""",
    "what repeats waits": """
again: {trigger: {on: created, entity: note}, steps: {w: {wait: 1w}, s: {create: note}}}
""",
    "what it calls waits": """
again: {trigger: {on: created, entity: note}, steps: {c: {call: maker}, s: {create: note}}}
maker: {trigger: {on: updated, entity: note}, when: done, steps: {w: {wait: 1w}}}
""",
    "somebody may not agree": """
again: {trigger: {on: created, entity: note}, steps: {a: {approve: fine}, s: {create: note}}}
""",
    "one way leads out": """
again:
  trigger: {on: created, entity: note}
  steps: {way: {branch: {one: {when: done, steps: {s: {create: note}}}}}}
""",
    "the same value is no change": """
once: {trigger: {on: updated, entity: note}, steps: {s: {set: {done: "true"}}}}
""",
    "it waits for another field": """
more: {trigger: {on: updated, entity: note, fields: [text]}, steps: {s: {set: {count: count + 1}}}}
""",
    "one is switched off": """
again: {active: false, trigger: {on: created, entity: note}, steps: {s: {create: note}}}
""",
}


@pytest.mark.parametrize("automations", ENDLESS.values(), ids=ENDLESS)
def test_what_nothing_could_end_is_refused_with_the_way_it_takes(automations: str) -> None:
    """Requirement P-05."""
    with pytest.raises(DefinitionInvalid) as refused:
        load([layer(automations)])

    (problem,) = refused.value.problems
    assert problem.code == "automation_loop"
    first, _, last = problem.sentence.partition(": ")[2].rstrip(".").partition(" → ")
    assert last.endswith(first)


@pytest.mark.parametrize("automations", ENDING.values(), ids=ENDING)
def test_what_may_end_is_left_to_run(automations: str) -> None:
    assert load([layer(automations)]).automations

"""Random documents in the shape of an app: one entity, its fields, their options."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f"])

FIELD = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "integer"])},
    optional={
        "label": st.one_of(
            st.text(max_size=2), st.dictionaries(st.sampled_from(["en", "zh"]), st.text(max_size=2))
        ),
        "to": st.lists(st.sampled_from("xyz"), unique=True),
        "required": st.booleans(),
        "formula": st.sampled_from(["a + 1", "a+1", "(a) + 1", "b"]),
        "options": st.dictionaries(NAMES, st.fixed_dictionaries({}, optional={"color": NAMES})),
        "$retire": st.just(True),
    },
)


def document(fields: dict[str, object]) -> dict[str, object]:
    """Return an app of one entity with these fields."""
    return {"entities": {"e": {"fields": fields}}}


DOCUMENTS = st.lists(st.tuples(NAMES, FIELD), unique_by=lambda each: each[0]).map(
    lambda pairs: document(dict(pairs))
)

"""An option or a stage that is split by a condition, as edits of the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from metamodel.editing import Add, Edit, Path, name_for
from metamodel.fields import Option
from metamodel.flows import Stage
from metamodel.linking.splitting import TAKES
from metamodel.model import Model
from ui.reshaping.sent import Sent, label_of, text_of, written_at

ALIKE = ("probability", "ends", "must_fill", "normal_days", "roles")
"""What a stage says that one which is split off it begins with, too."""


def split_off(
    model: Model,
    path: Path,
    parts: Mapping[str, Option] | Mapping[str, Stage],
    giver: Option | Stage,
    sent: Sent,
) -> Iterator[Edit]:
    """Yield a new option or stage, right behind the one that it takes records from.

    `parts` are all that stand in the map at `path`, by key.
    """
    label = label_of(sent, model.app.languages)
    taken = {name for each in parts.values() for name in (each.key, each.name, *each.former)}
    spoken = label.get("en") or next(iter(label.values()), "")
    name = name_for(spoken, taken, fallback="stage" if isinstance(giver, Stage) else "option")
    said = written_at(model.source, (*path, giver.name))
    alike = (
        {each: said[each] for each in ALIKE if each in said} if isinstance(said, Mapping) else {}
    )
    color = text_of(sent, "color")
    value = {
        "label": label,
        **({"color": color} if color else {}),
        **alike,
        TAKES: {giver.name: text_of(sent, TAKES)},
    }
    yield Add(path, name, value, after=giver.name)

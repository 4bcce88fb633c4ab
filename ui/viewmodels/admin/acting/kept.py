"""Values that runs and trials keep as JSON, as people read them."""

from __future__ import annotations

from uuid import UUID

from metamodel.fields import Field
from ui.screen import Screen
from ui.viewmodels.admin.log import known_titles
from ui.viewmodels.cells import cell
from ui.viewmodels.history import read_kept


def kept_text(screen: Screen, field: Field, kept: object) -> str:
    """Return a kept value of a field as its cells show it; a linked record by its title."""
    if kept is None:
        return ""
    if field.link is not None:
        return _title(screen, field, kept)
    value = read_kept(field, kept)
    return cell(screen, field, value).text if value is not None else str(kept)


def _title(screen: Screen, field: Field, kept: object) -> str:
    targets = field.link.to if field.link is not None else ()
    try:
        ids = {UUID(str(each)) for each in (kept if isinstance(kept, list) else [kept])}
    except ValueError:
        return str(kept)
    found = [title for each in targets for title in known_titles(screen, each, ids).values()]
    return ", ".join(found) or str(kept)

"""Editing an application: small pure edits, which leave the tenant's smallest layer behind.

In stages: `operations` says what is done, `document` does it to what all layers give together,
`screens` to forms and views that are generated, `smallest` says the difference as a layer.
"""

from metamodel.editing.edited import OWN, edited, minimal_layer
from metamodel.editing.naming import name_for
from metamodel.editing.operations import (
    Add,
    Change,
    Edit,
    Move,
    Path,
    Rename,
    Reset,
    Restore,
    Retire,
)
from metamodel.editing.smallest import smallest

__all__ = [
    "OWN",
    "Add",
    "Change",
    "Edit",
    "Move",
    "Path",
    "Rename",
    "Reset",
    "Restore",
    "Retire",
    "edited",
    "minimal_layer",
    "name_for",
    "smallest",
]

"""Views that people keep for themselves and share: over the model's own, and beside them."""

from engine.views.opened import Kept, Opened, kept, opened, totals_of
from engine.views.saved import SavedView, Sharing, Wanted
from engine.views.service import SavedViews, may_change, may_own
from engine.views.spec import MOST_GROUPS, ColorSpec, ColumnSpec, ViewSpec, spec_of

__all__ = [
    "MOST_GROUPS",
    "ColorSpec",
    "ColumnSpec",
    "Kept",
    "Opened",
    "SavedView",
    "SavedViews",
    "Sharing",
    "ViewSpec",
    "Wanted",
    "kept",
    "may_change",
    "may_own",
    "opened",
    "spec_of",
    "totals_of",
]

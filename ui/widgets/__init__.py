"""How each field type is shown, entered and filtered by: one widget per kind of value."""

from __future__ import annotations

from ui.widgets.catalogue import WIDGETS, widget_of
from ui.widgets.widget import CellKind, FilterKind, Widget

__all__ = ["WIDGETS", "CellKind", "FilterKind", "Widget", "widget_of"]

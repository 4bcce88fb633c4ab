"""Values that no screen enters yet: shown as text, kept as they are."""

from __future__ import annotations

from ui.widgets.widget import Widget, as_text, plain

READONLY = Widget("readonly", "text", as_text, plain)

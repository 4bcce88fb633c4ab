"""One line of text: names, codes, numbers that are not counted with."""

from __future__ import annotations

from ui.widgets.widget import Widget, as_text, plain

TEXT = Widget("text", "text", as_text, plain, filter="text")
CODE = Widget("text", "muted", as_text, plain, filter="text")
BARCODE = Widget("barcode", "muted", as_text, plain, filter="text")

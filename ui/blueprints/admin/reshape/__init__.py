"""Routes of changing forms, fields, stages, lists and rules, and of versions."""

from __future__ import annotations

from ui.blueprints.admin.reshape.kinds import KINDS

__all__ = ["KINDS"]

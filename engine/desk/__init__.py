"""What lies open: who looks at a record now, and what they typed and did not save yet."""

from __future__ import annotations

from engine.desk.service import NEW, Desk, Draft, Present

__all__ = ["NEW", "Desk", "Draft", "Present"]

"""What people are told by the product itself, and what they want to be told of.

Kinds of notices, telling inside a unit of work, and the doors to one's own notices and
preferences.
"""

from __future__ import annotations

from engine.notices.kinds import KINDS
from engine.notices.preferences import Preferences
from engine.notices.service import Asked, Notice, Notices, Unseen
from engine.notices.telling import News, tell

__all__ = ["KINDS", "Asked", "News", "Notice", "Notices", "Preferences", "Unseen", "tell"]

"""Taking back what change sets did, but where somebody changed it since."""

from engine.undoing.service import Kept, Undoing, Undone

__all__ = ["Kept", "Undoing", "Undone"]

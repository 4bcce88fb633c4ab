"""What can keep the embedded server from running, as a sentence that says how to mend it."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The embedded server cannot be used; the message says why and what to do."""

"""Drafts: changes of a tenant's application in the making.

In stages: `draft` keeps them, `layers` says what becomes of one, `service` is the door, `own`
says which of theirs somebody works on, and `preview` shows one as if it were live.
"""

from engine.drafts.draft import Draft
from engine.drafts.own import OwnDrafts
from engine.drafts.preview import Previews
from engine.drafts.service import Drafts

__all__ = ["Draft", "Drafts", "OwnDrafts", "Previews"]

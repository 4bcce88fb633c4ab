"""Routes of changing forms, fields, stages, lists and rules, and of versions."""

from __future__ import annotations

from ui.blueprints.admin.reshape.drafts import DRAFTS
from ui.blueprints.admin.reshape.fields import FIELDS
from ui.blueprints.admin.reshape.kinds import KINDS
from ui.blueprints.admin.reshape.layout import LAYOUT
from ui.blueprints.admin.reshape.rules import RULES
from ui.blueprints.admin.reshape.splitting import SPLITTING
from ui.blueprints.admin.reshape.stages import STAGES
from ui.blueprints.admin.reshape.unconverted import UNCONVERTED
from ui.blueprints.admin.reshape.versions import VERSIONS

RESHAPE = (*KINDS, *FIELDS, *STAGES, *SPLITTING, *LAYOUT, *RULES, *VERSIONS, *UNCONVERTED, *DRAFTS)
"""Every route of them."""

__all__ = ["RESHAPE"]

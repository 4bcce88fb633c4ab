"""The pages of those who look after a tenant: people, organisation, roles, what was done."""

from __future__ import annotations

from ui.blueprints.admin.area import create_admin

__all__ = ["create_admin"]

"""Texts with gaps that tenants write, filled where nothing but the values can be reached."""

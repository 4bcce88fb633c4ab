"""Tenants and the people of an installation: registry, roles of the database, accounts."""

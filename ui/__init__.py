"""The screens and the HTTP API of a tenant, on Flask."""

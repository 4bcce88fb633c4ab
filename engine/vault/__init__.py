"""Keys of tenants, and what is encrypted under them: sealing, opening, searching, rotating."""

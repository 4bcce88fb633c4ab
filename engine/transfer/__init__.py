"""Taking a tenant's schema as it is to another place: a clone, a backup file, another database."""

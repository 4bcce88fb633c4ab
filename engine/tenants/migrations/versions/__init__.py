"""One module per revision of the registry, in order of their numbers."""

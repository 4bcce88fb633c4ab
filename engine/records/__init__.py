"""Writing records: one use case a file, all through one write path."""

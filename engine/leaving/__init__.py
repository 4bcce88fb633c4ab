"""When somebody leaves: all that is theirs goes to others by rules, and their access ends."""

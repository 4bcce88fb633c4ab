"""Values on their way in and out, and those that are computed from others."""

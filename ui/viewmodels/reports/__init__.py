"""Reports that people build and keep: what they say, what can be chosen, and their pages."""

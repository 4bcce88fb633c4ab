"""How fast, beside code written by hand."""

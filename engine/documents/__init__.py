"""Papers made of records: a template's gaps filled under rights, set on pages, printed as PDF."""

"""Reading rows: filters, pages, whole records, figures, search."""

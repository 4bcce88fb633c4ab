"""The model at work on PostgreSQL: tables, records, queries, rights, history, tenants."""

"""Tables of a model, and the way from one model's tables to another's.

In order: `tables` and `columns` declare; `live` reads what is there; `structure`, `fills`,
`derived`, `effects` and `broken_rules` compare; `plan` puts their `steps` together; `apply`
runs them; `revisions` keeps what was published. `create` makes a new tenant's tables.
"""

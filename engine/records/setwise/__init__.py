"""Many new records in one go: what `records.create` does, column by column and in SQL.

The rows go through the same rules as one record does. Where a row is refused, the one-by-one
form says why; where a model or a payload uses what has no set-wise form, `fitting` says which,
and the whole batch goes one by one.
"""

"""Public pools: records that nobody has, claimed by members and given back by people or time."""

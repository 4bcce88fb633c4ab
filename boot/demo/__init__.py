"""The demo tenant: seven persons, a year of their work, the same every time.

In the order it is made: `people`, `companies`, `products` and `cast` are who and what there
is; `leads`, `deals`, `orders`, `tickets`,
`follow_up`, `marketing` and `care` plot what happens; `timeline` plays it day by day. `desks` is
what people are to do next.
"""

from boot.demo.filling import Filled, fill
from boot.demo.people import PERSONS, Person

__all__ = ["PERSONS", "Filled", "Person", "fill"]

"""Upgrading tenants to a newer version of the template that they stand on.

In the order they work: `ground` puts the newer documents in the place of the old ones, `rules`
answers questions that were decided beforehand, `outcome` says what became of a tenant,
`service` does it for one tenant, `offers` begins it as a draft for people who look at it.
"""

from engine.upgrading.offers import Offer, Offers
from engine.upgrading.outcome import Outcome, Result
from engine.upgrading.rules import Rules
from engine.upgrading.service import Upgrades, Wanted

__all__ = ["Offer", "Offers", "Outcome", "Result", "Rules", "Upgrades", "Wanted"]

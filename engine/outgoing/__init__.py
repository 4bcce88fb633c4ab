"""Calls to other machines: never to one inside the own network, never for ever, never too much."""

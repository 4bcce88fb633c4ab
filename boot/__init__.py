"""Wiring, settings, the command line and the embedded database: nobody else builds a service."""

from __future__ import annotations

from boot.memory import collect_seldom

# Before all else is imported: what a program of ours is made of stays, too, and looking through it
# again and again while it is read takes a quarter of the time that a command needs to start.
collect_seldom()

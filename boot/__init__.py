"""Wiring, settings, the command line and the embedded database: nobody else builds a service."""

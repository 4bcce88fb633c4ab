"""Turns the merged document into the linked model, one file per part of the language."""

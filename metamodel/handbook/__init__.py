"""A data dictionary of an app in Markdown, in one language: what there is, and what it means.

`words` are what the dictionary says itself, `markdown` how it is set, `entities` one chapter
for each entity, `app` the whole.
"""

from metamodel.handbook.app import handbook

__all__ = ["handbook"]

"""Files of rows as people send them: their format found, every oddity named."""

from engine.exchange.sources.opening import open_source
from engine.exchange.sources.rows import Origin, Source, SourceInvalid, SourceRow

__all__ = ["Origin", "Source", "SourceInvalid", "SourceRow", "open_source"]

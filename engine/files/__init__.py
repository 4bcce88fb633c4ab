"""Files of records: taken in and judged, kept on any storage, given out under rights."""

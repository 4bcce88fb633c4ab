"""Service levels: clocks in business time over any records, and what happens when they run out."""

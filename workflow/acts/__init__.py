"""What each act of a step does: one family of acts in each module."""

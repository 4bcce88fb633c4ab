"""What is known of one person: shown, given to them, and erased so that the books still balance."""

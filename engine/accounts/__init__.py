"""People at the door: what proves who somebody is, letters to them, and what slows guessing."""

"""Messages to people outside and from them: one gate, one log, and a carrier for each channel."""

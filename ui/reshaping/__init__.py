"""From what a form about forms sent to edits of the app: pure, so that each can be tried alone."""

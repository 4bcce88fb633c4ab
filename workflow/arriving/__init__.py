"""What comes from outside without a sign-in: calls of other programs, answers to public forms."""

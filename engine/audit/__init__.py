"""What was done, by whom, from where: an account that can be added to and never changed."""

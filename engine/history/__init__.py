"""What every change set did to which record, kept for good."""

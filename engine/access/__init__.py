"""What a person may do, as conditions in the formula language that every door shares."""

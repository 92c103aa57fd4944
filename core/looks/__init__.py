"""What a person can look at inside a network while it learns, one concept a file."""

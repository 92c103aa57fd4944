"""What can be computed from a network besides its answers, one concept a file."""

"""What the panel of past runs is made of."""

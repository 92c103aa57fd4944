"""What the unrolled network is drawn with."""

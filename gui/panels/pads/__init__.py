"""Pads on which a person draws an input of a task."""

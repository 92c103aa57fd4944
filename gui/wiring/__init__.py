"""Wires between one panel and the window, for panels that command something: a file a panel, each exporting WIRING."""

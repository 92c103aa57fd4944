"""The recurrent cells, one a file."""

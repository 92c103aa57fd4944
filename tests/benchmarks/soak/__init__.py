"""A person who tries everything, for as long as asked: see ``__main__``."""

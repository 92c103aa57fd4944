"""The one exception that means "the user's input is wrong, and this line says how"."""


class InputError(ValueError):
    """Bad input: a file, a setting, a table or a text that can't be used.

    The message is one line for a person: what is wrong, where (file, key or line), and what would be right.
    Commands print it and exit with 2; the window shows it in the status line.
    """

    def __init__(self, message: str) -> None:
        # A file's name, or what stands in it, may have line ends of its own.
        super().__init__(" ".join(message.splitlines()))

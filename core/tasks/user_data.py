"""Data of a task that may be gone when a session is opened."""

from collections.abc import Callable
from typing import Generic, TypeVar

from core.errors import InputError

Data = TypeVar("Data")


class UserData(Generic[Data]):
    """What ``read`` returns; its InputError is raised at once, or, where a session ``may_miss`` the file, on first use."""

    def __init__(self, read: Callable[[], Data], may_miss: bool) -> None:
        self._data: Data | None = None
        self._error: InputError | None = None
        try:
            self._data = read()
        except InputError as error:
            if not may_miss:
                raise
            self._error = error

    @property
    def is_there(self) -> bool:
        """Whether ``get`` will succeed."""
        return self._error is None

    def get(self) -> Data:
        """The data. Raises InputError where they could not be read."""
        if self._error is not None or self._data is None:
            raise InputError(str(self._error))
        return self._data

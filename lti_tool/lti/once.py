"""One call for all who ask for the same thing at once: they share its answer, and its failure too."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Once(Generic[Key, Answer]):
    """Calls under way. Whoever waited for one that failed does not wait for another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Key, Future[Answer]] = {}

    def do(self, key: Key, call: Callable[[], Answer]) -> Answer:
        """The answer of the call under way for this key, or else of this one."""
        with self._lock:
            found = self._under_way.get(key)
            mine: Future[Answer] = found or Future()
            if found is None:
                self._under_way[key] = mine
        if found is None:
            try:
                mine.set_result(call())
            except BaseException as error:
                mine.set_exception(error)
            finally:
                with self._lock:
                    del self._under_way[key]
        return mine.result()

"""Who asks for the same thing at the same time shares one call, and its failure."""

import threading

import pytest

from lti_tool.lti.once import Once


@pytest.mark.parametrize("fails", [False, True])
def test_many_at_once_make_one_call_and_share_what_comes_of_it(fails: bool) -> None:
    once: Once[str, int] = Once()
    begun, go_on = threading.Event(), threading.Event()
    calls: list[int] = []
    came: list[object] = []

    def call() -> int:
        calls.append(1)
        begun.set()
        assert go_on.wait(10)
        if fails:
            raise ValueError("no")
        return 7

    def ask() -> None:
        try:
            came.append(once.do("a", call))
        except ValueError as error:
            came.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    threads[0].start()
    assert begun.wait(10)
    others = [threading.Thread(target=ask) for _ in range(4)]
    waiting = once._under_way["a"]
    for thread in others:
        thread.start()
    while len(waiting._condition._waiters) < 4:  # type: ignore[attr-defined]
        threading.Event().wait(0)
    go_on.set()
    for thread in [threads[0], *others]:
        thread.join(10)
    assert came == ["no" if fails else 7] * 5
    assert len(calls) == 1


def test_what_is_over_is_called_again_and_another_key_is_another_call() -> None:
    once: Once[str, int] = Once()
    numbers = iter(range(9))
    assert [once.do(key, lambda: next(numbers)) for key in "aab"] == [0, 1, 2]

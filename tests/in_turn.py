"""No waits, no chance, no threads: for synchronisations that have to go the same way each time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

from sync.courier import Pace

Given = ParamSpec("Given")
Result = TypeVar("Result")


class InTurn(Executor):
    """For `Pace.lanes`: does what it is given before it goes on, in the thread that gives it."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """As `Executor.submit`."""
        done: Future[Result] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as reason:  # as a thread would: it is raised where the result is asked for
            done.set_exception(reason)
        return done


def steady(tries: int) -> Pace:
    """A pace with so many tries that waits for nothing and leaves nothing to chance."""
    return Pace(tries=tries, sleep=lambda seconds: None, chance=lambda: 0.0, lanes=InTurn)

"""Ctrl-C and SIGTERM in a run that has requests out: the first asks for an orderly end, the second ends the run at once."""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from syncode.errors import Terminated

SAME_SIGNAL = (
    1.0  # seconds in which a second SIGTERM is the first one: `timeout` sends it to the group as well (chosen here)
)


@contextmanager
def ending_orderly(alarm: "asyncio.Future[BaseException]") -> Iterator[None]:
    """Let the first SIGINT or SIGTERM set the alarm to what it ends the run with, and the second end the event loop with that.

    Signals stay as they are in another thread than the main one, and if this process is set to ignore them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    taken = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    came: list[float] = []

    def stop(number: int) -> None:
        ends = number == signal.SIGTERM
        if ends and came and time.monotonic() - came[-1] < SAME_SIGNAL:
            return
        came.append(time.monotonic())
        error = Terminated("terminated; what was committed is kept") if ends else KeyboardInterrupt()
        if len(came) > 1:
            raise error
        if not alarm.done():
            alarm.set_result(error)

    for number in taken:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])

"""Keeps the children alive: restarts a dead one with back-off, ends all of them on a signal."""

import signal
import subprocess
import time
from collections.abc import Callable

from leap.services import process
from leap.services.home import Home
from leap.services.progress import say
from leap.services.trouble import CannotStart, Stopped

_STEADY = 30.0  # seconds alive after which earlier deaths are forgotten
_LONGEST = 5.0  # seconds between two starts of a child that keeps dying
_HOPELESS = 5  # deaths in a row during the start after which it is given up
_ENDING = 5.0  # seconds the web server, worker and beat have to finish; the stores get three after that
_ENDING_STORES = 3.0


class Child:
    """One supervised process. Its program is asked for anew at every start."""

    def __init__(self, home: Home, make: Callable[[], process.Program]) -> None:
        self._home = home
        self._make = make
        self.deaths = 0  # in a row
        self.start()

    def start(self) -> None:
        self.program = self._make()
        self.name = self.program.name
        self.running: subprocess.Popen[bytes] | None = process.spawn(self.program)
        self.born = time.monotonic()
        self.due = 0.0
        self._home.write_pid(self.name, self.running.pid)

    def revive(self) -> None:
        """Starts it again if it died and its time has come."""
        now = time.monotonic()
        if self.running and process.has_ended(self.running):
            self.deaths = 1 if now - self.born > _STEADY else self.deaths + 1
            wait = 0.0 if self.deaths == 1 else min(0.5 * 2 ** (self.deaths - 2), _LONGEST)
            self.due = now + wait
            again = f"starting again in {wait:g} s" if wait else "starting again"
            say(f"{self.name}: ended ({process.how(self.running)}), {again}")
            self.running = None
        if self.running is None and now >= self.due:
            self.start()


class Supervisor:
    """The children of one start. Signals that mean the end raise Stopped from every waiting method."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._children: list[Child] = []
        self._stop = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup: the terminal may go
            self._stop.remove(signal.SIGHUP)
        # They wait in the kernel until a method below takes them: nothing is interrupted half-way.
        self._watched = self._stop | {signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, self._watched)

    def add(self, make: Callable[[], process.Program]) -> None:
        """Starts a child and keeps it."""
        self._children.append(Child(self._home, make))

    def keep(self, program: process.Program) -> None:
        """Starts a child that is started the same way every time."""
        self.add(lambda: program)

    def watch(self, seconds: float = float("inf")) -> None:
        """Keeps the children alive for a time. Raises Stopped."""
        until = time.monotonic() + seconds
        while True:
            for child in self._children:
                child.revive()
            now = time.monotonic()
            if now >= until:
                return
            pending = [child.due for child in self._children if child.running is None]
            patience = max(0.0, min([until, now + 1.0, *pending]) - now)
            caught = signal.sigtimedwait(self._watched, patience)
            if caught and caught.si_signo in self._stop:
                raise Stopped

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Returns once ``ready``; raises CannotStart when it takes longer or a child dies over and over."""
        until = time.monotonic() + seconds
        while not ready():
            lost = [child for child in self._children if child.deaths >= _HOPELESS]
            if lost or time.monotonic() > until:
                raise CannotStart(self._diagnosis(what, lost))
            self.watch(0.05)

    def run(self, program: process.Program) -> None:
        """Runs a step to its end while the children are kept alive. Raises CannotStart when it fails."""
        step = process.spawn(program)
        try:
            while not process.has_ended(step):
                self.watch(0.05)
        finally:
            process.end({step: program.stop_signal}, _ENDING)
        if step.returncode:
            raise CannotStart(f"{program.name} failed ({process.how(step)}); its own words stand above.")

    def end(self) -> None:
        """Ends every child, the stores last, within ten seconds."""
        for stores, seconds in ((False, _ENDING), (True, _ENDING_STORES)):
            going = [c for c in self._children if c.program.is_store is stores and c.running is not None]
            process.end({c.running: c.program.stop_signal for c in going if c.running}, seconds)
        self._children.clear()

    def _diagnosis(self, what: str, lost: list[Child]) -> str:
        names = [child.name for child in lost] or [child.name for child in self._children]
        logs = [self._home.log / f"{name}.log" for name in names]
        if not lost:
            return f"{what} in time. See {', '.join(map(str, logs))}."
        return f"{what}: {lost[0].name} keeps ending. The last lines of {logs[0]}:\n{process.tail(logs[0])}"

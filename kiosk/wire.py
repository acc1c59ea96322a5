"""The lines between the three processes: one JSON message a line over a Unix socket.

The core listens; ui, faces and orders call and call again when the line breaks. Who calls is not
believed by his word: the kernel names the user behind the socket (SO_PEERCRED), and a role may be
bound to one user; where any is, a role of no user is refused. Sending never blocks for longer than
`SEND_TIMEOUT`; a peer that does not read is dropped and comes back by itself.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk import __version__
from kiosk.errors import WireError
from kiosk.messages import LIMIT, Hello, Message, Role, decode, encode

SEND_TIMEOUT = 1.0  # seconds
_BACKLOG = 4
_QUEUE = 1000  # messages kept for a reader that is busy; the oldest go first

log = logging.getLogger(__name__)

Received = Callable[[Role, Message], None]
Changed = Callable[[Role, bool], None]


class _Line:
    """One connected socket: lines in, lines out."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_TIMEOUT))
        self._sending = threading.Lock()
        self._rest = b""

    def send(self, message: Message) -> bool:
        """Whether the whole message was handed to the kernel."""
        try:
            with self._sending:
                self._socket.sendall(encode(message))
        except OSError:
            self.close()
            return False
        return True

    def receive(self) -> Message | None:
        """The next message, or None when the line is closed. Raises ValueError for a bad one."""
        while b"\n" not in self._rest:
            if len(self._rest) > LIMIT:
                raise ValueError("a message without an end")
            try:
                chunk = self._socket.recv(65536)
            except OSError:
                return None
            if not chunk:
                return None
            self._rest += chunk
        line, self._rest = self._rest.split(b"\n", 1)
        return decode(line)

    def peer_uid(self) -> int:
        raw = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        uid: int = struct.unpack("3i", raw)[1]
        return uid

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Server:
    """The core's end: at most one line a role, the newest wins."""

    def __init__(
        self,
        path: Path,
        on_message: Received,
        on_change: Changed,
        users: Mapping[Role, int] | None = None,
    ) -> None:
        self._path = path
        self._on_message = on_message
        self._on_change = on_change
        self._users = users or {}
        self._lines: dict[Role, _Line] = {}
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None

    def start(self) -> None:
        """Listen and answer in threads of its own."""
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(self._path))
        # Every local user may knock; SO_PEERCRED decides who is let in as what.
        mode = 0o666 if self._users else 0o600
        self._path.chmod(mode)
        listening.listen(_BACKLOG)
        self._listening = listening
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    def send(self, role: Role, message: Message) -> bool:
        """Send to the process in this role; False when it is not there."""
        with self._lock:
            line = self._lines.get(role)
        return line is not None and line.send(message)

    def connected(self, role: Role) -> bool:
        """Whether a process in this role is there."""
        with self._lock:
            return role in self._lines

    def stop(self) -> None:
        """Close every line and the socket's name."""
        if self._listening is not None:
            self._listening.close()
        with self._lock:
            lines = list(self._lines.values())
        for line in lines:
            line.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        assert self._listening is not None
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            line = _Line(connection)
            threading.Thread(target=self._serve, args=(line,), name="wire", daemon=True).start()

    def _serve(self, line: _Line) -> None:
        role: Role | None = None
        try:
            hello = line.receive()
            if not isinstance(hello, Hello) or not self._welcome(hello.role, line):
                return
            role = hello.role
            self._on_change(role, True)
            while (message := line.receive()) is not None:
                self._on_message(role, message)
        except ValueError as error:
            log.warning("line refused: %s", error)
        finally:
            line.close()
            if role is not None:
                self._farewell(role, line)

    def _welcome(self, role: Role, line: _Line) -> bool:
        if self._users and line.peer_uid() not in (self._users.get(role), os.getuid()):
            log.warning("user %s is not %s", line.peer_uid(), role.name)
            return False
        with self._lock:
            previous = self._lines.get(role)
            self._lines[role] = line
        if previous is not None:
            previous.close()
        return True

    def _farewell(self, role: Role, line: _Line) -> None:
        with self._lock:
            current = self._lines.get(role) is line
            if current:
                del self._lines[role]
        if current:
            self._on_change(role, False)


class Client:
    """The ui's and the faces' end: calls the core, and calls again when the line breaks."""

    def __init__(self, path: Path, role: Role, retry_after: float = 0.2) -> None:
        self._path = path
        self._role = role
        self._retry_after = retry_after
        self._line: _Line | None = None
        self._received: deque[Message] = deque(maxlen=_QUEUE)
        self._arrived = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)

    def start(self) -> None:
        """Begin to call the core."""
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether the line stands."""
        return self._line is not None

    def send(self, message: Message) -> bool:
        """Whether it was sent; what is sent while the line is down is lost, by design."""
        line = self._line
        return line is not None and line.send(message)

    def drain(self) -> list[Message]:
        """What has arrived since the last call, oldest first; never blocks."""
        self._arrived.clear()
        messages = []
        while self._received:
            messages.append(self._received.popleft())
        return messages

    def wait(self, timeout: float) -> list[Message]:
        """As `drain`, after waiting at most `timeout` seconds for something to arrive."""
        self._arrived.wait(timeout)
        return self.drain()

    def stop(self) -> None:
        """Hang up."""
        self._stopped.set()
        if self._line is not None:
            self._line.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._call()
            except (WireError, ValueError) as error:
                log.debug("core not reached: %s", error)
            self._stopped.wait(self._retry_after)

    def _call(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            raise WireError(f"nobody listens at {self._path}", "Start kiosk core") from error
        line = _Line(connection)
        if line.send(Hello(self._role, __version__)):
            self._line = line
            try:
                while (message := line.receive()) is not None:
                    self._received.append(message)
                    self._arrived.set()
            finally:
                self._line = None
                line.close()


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))

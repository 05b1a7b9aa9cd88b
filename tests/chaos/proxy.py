"""A TCP proxy in front of a server, so that its line can be cut where and when a test wants."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Literal, Self

#: Where a connection breaks around a COMMIT of the client: the server never hears of it, or it
#: commits and the client never hears of that.
Cut = Literal["before", "after"]

_LOOPBACK = "127.0.0.1"


class Proxy:
    """Forwards connections to a port of this host until told otherwise."""

    def __init__(self, target_port: int, host: str = _LOOPBACK) -> None:
        self.host = host
        self.port = 0
        self._target_port = target_port
        self._open = threading.Event()
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._cut: tuple[Cut, bool] | None = None
        self._cuts = 0

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Accept connections, always on the same port."""
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.port))
        listener.listen(64)
        self.port = int(listener.getsockname()[1])
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse new connections and reset those that are open."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._flowing.set()
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Keep connections open but let nothing through, as a network that drops packets."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let everything through that waited."""
        self._flowing.set()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def cut_next_commit(self, where: Cut, *, of_results: bool, timeout_s: float) -> bool:
        """Break the connection that commits next; False when none did within the time.

        Args:
            where: before the server hears of it, or after it did.
            of_results: only a transaction that copied rows in.
            timeout_s: how long to wait for one.
        """
        wanted = self._cuts + 1
        self._cut = (where, of_results)
        deadline_s = time.monotonic() + timeout_s
        while self._cuts < wanted and time.monotonic() < deadline_s:
            time.sleep(0.005)
        self._cut = None
        return self._cuts >= wanted

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # closed
                return
            try:
                server = socket.create_connection((_LOOPBACK, self._target_port), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets |= {client, server}
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        copied = False
        try:
            while True:
                readable = select.select([client, server], [], [])[0]
                self._flowing.wait()
                if server in readable:
                    data = server.recv(1 << 16)
                    if not data:
                        return
                    client.sendall(data)
                if client in readable:
                    data = client.recv(1 << 16)
                    if not data:
                        return
                    copied = copied or b"COPY " in data
                    if b"COMMIT" in data:
                        if self._is_cut(server, data, copied):
                            return
                        copied = False
                    server.sendall(data)
        except OSError:
            return
        finally:
            with self._lock:
                self._sockets -= {client, server}
            for sock in (client, server):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()

    def _is_cut(self, server: socket.socket, data: bytes, copied: bool) -> bool:
        with self._lock:
            cut = self._cut
            if cut is None or (cut[1] and not copied):
                return False
            self._cut = None
        if cut[0] == "after":
            server.sendall(data)
            server.recv(1 << 16)  # committed; the answer is thrown away
        self._cuts += 1
        return True

"""A relay between client and server: watches the calls that pass, and can be as poor as a village's link."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_REQUEST = re.compile(rb"(?:GET|POST|PUT|PATCH|HEAD) /v1/([a-z]+/?[a-z]*)")
_PHASES = {
    "nonce": "hello",
    "session": "hello",
    "sync/hello": "hello",
    "sync/push": "push",
    "sync/pull": "pull",
    "receipts": "receipt",
    "blobs": "upload",
}
_BLOCK = 16 * 1024


@dataclass
class Link:
    """One loopback port that leads to another.

    Args:
        target: port of the server; may be changed when the server has moved.
        delay_s: on the way, each way.
        rate: bytes per second, each way, shared by all connections; 0 for no limit.
        cut_s: mean time between cuts of all connections (exponential); 0 for none.
        seed: of the moments of the cuts.
    """

    target: int
    delay_s: float = 0.0
    rate: float = 0.0
    cut_s: float = 0.0
    seed: int = 0
    watch: Callable[[str], None] | None = None
    """Called, from the relay's thread, with the phase of each piece that passes, either way."""
    up: int = 0
    """Bytes taken from the client."""
    down: int = 0
    connections: int = 0
    cuts: int = 0
    """Connections that were cut."""
    port: int = 0
    phase: str = ""
    """Of the last piece that passed."""
    _live: set[asyncio.Task[None]] = field(default_factory=set)
    _free_at: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where a client finds the server."""
        return f"http://127.0.0.1:{self.port}"

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something soon, from within `watch`."""
        asyncio.get_running_loop().call_later(seconds, act)

    @contextlib.contextmanager
    def open(self) -> Iterator[Link]:
        """Relay until the block is left."""
        ready, stop = threading.Event(), threading.Event()
        loop = asyncio.new_event_loop()

        async def live() -> None:
            server = await asyncio.start_server(self._relay, "127.0.0.1", 0, limit=_BLOCK)
            self.port = server.sockets[0].getsockname()[1]
            cutter = asyncio.create_task(self._cut()) if self.cut_s else None
            ready.set()
            await asyncio.to_thread(stop.wait)
            server.close()
            for task in [*self._live, *([cutter] if cutter else [])]:
                task.cancel()
            await asyncio.gather(*self._live, return_exceptions=True)

        thread = threading.Thread(target=loop.run_until_complete, args=(live(),), daemon=True)
        thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            stop.set()
            thread.join(10)
            loop.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._live.add(task)
        self.connections += 1
        writers = [writer]
        end = _reset
        try:
            await asyncio.sleep(2 * self.delay_s)
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target, limit=_BLOCK)
            writers.append(far_writer)
            ways = {
                asyncio.create_task(self._pipe("up", reader, far_writer)),
                asyncio.create_task(self._pipe("down", far_reader, writer)),
            }
            try:
                ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                if not any(way.exception() for way in ended):
                    end = asyncio.StreamWriter.close
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._live.discard(task)
            for each in writers:
                end(each)

    async def _pipe(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sending: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

        async def send() -> None:
            while True:
                at, data = await sending.get()
                if not data:
                    return
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                writer.write(data)
                await writer.drain()

        sender = asyncio.create_task(send())
        try:
            while data := await reader.read(_BLOCK):
                self._note(way, data)
                free = self._when(way, len(data))
                await sending.put((free + self.delay_s, data))
                # the sender is held back as a real link holds it back
                await asyncio.sleep(max(0.0, free - time.monotonic() - 0.02))
            await sending.put((0.0, b""))
            await sender
        finally:
            sender.cancel()

    def _note(self, way: str, data: bytes) -> None:
        if way == "up":
            self.up += len(data)
            found = _REQUEST.match(data)
            if found:
                name = found[1].decode()
                self.phase = _PHASES.get(name) or _PHASES.get(name.partition("/")[0], "other")
        else:
            self.down += len(data)
        if self.watch is not None:
            self.watch(self.phase)

    def _when(self, way: str, size: int) -> float:
        now = time.monotonic()
        if not self.rate:
            return now
        self._free_at[way] = max(self._free_at.get(way, 0.0), now) + size / self.rate
        return self._free_at[way]

    async def _cut(self) -> None:
        chance = random.Random(self.seed)
        while True:
            await asyncio.sleep(chance.expovariate(1 / self.cut_s))
            for task in list(self._live):
                self.cuts += 1
                task.cancel()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a broken link ends it: by RST, with whatever was under way lost."""
    with contextlib.suppress(OSError, AttributeError):
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

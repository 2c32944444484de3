"""A server that is told to stop ends after the requests under way (docs/server.md, Serve)."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from sync.server.central import Central

pytestmark = pytest.mark.in_folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def refuses(port: int) -> bool:
    """Whether nobody is let in any more, within a while."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_server_ends(
    central: Central, how: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sync.server", str(central.folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        body = json.dumps({"code": "AAAA", "public_key": "", "name": "电脑"}).encode()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            head = f"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            connection.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body[:10])
            time.sleep(0.3)
            process.send_signal(how)
            assert refuses(port)
            assert process.poll() is None, "it waits for what is under way"
            connection.sendall(body[10:])
            answer = b"".join(iter(lambda: connection.recv(10_000), b""))
        assert answer.startswith(b"HTTP/1.1 4"), answer
        assert b"urn:qingcha:problem:" in answer
        assert process.wait(timeout=20) in (0, -how)
    finally:
        process.kill()
        process.wait()

"""A time-stamping authority (RFC 3161) made of the openssl program, answering on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.crt
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """Its folder, and whether it answers well."""

    def __init__(self, folder: Path, name: str = "示例时间戳机构") -> None:
        self.folder = folder
        self.url = ""
        self.status = 200
        folder.mkdir()
        (folder / "serial").write_text("01")
        (folder / "conf").write_text(_CONFIG.format(name=name, folder=folder), encoding="utf-8")
        for key in ("root", "tsa"):
            self._openssl(f"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {key}.key")
        self._openssl(
            "req -new -x509 -utf8 -config conf -extensions ca -days 3650 -key root.key -out root.crt"
        )
        self._openssl("req -new -utf8 -config conf -key tsa.key -out tsa.csr")
        self._openssl(
            "x509 -req -in tsa.csr -CA root.crt -CAkey root.key -CAcreateserial -days 3650"
            " -extfile conf -extensions leaf -out tsa.crt"
        )
        self.root = folder / "root.crt"

    def answer(self, query: bytes) -> bytes:
        """The answer to a query, as the program gives it."""
        (self.folder / "query").write_bytes(query)
        self._openssl("ts -reply -config conf -section here -queryfile query -out answer")
        return (self.folder / "answer").read_bytes()

    def _openssl(self, words: str) -> None:
        done = subprocess.run(
            ["openssl", *words.split()], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)


@contextmanager
def answering(folder: Path, name: str = "示例时间戳机构") -> Iterator[Authority]:
    """An authority on loopback until the block is left."""
    authority = Authority(folder, name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            data = authority.answer(query) if authority.status == 200 else b"closed"
            self.send_response(authority.status)
            self.send_header("content-type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

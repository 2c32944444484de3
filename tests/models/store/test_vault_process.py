"""The vault seen from outside its process: memory for large files, and what outlives a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from models.store.data_key import DataKey
from models.store.vault import Vault

NOTEBOOK = DataKey(bytes(range(32))).files_identity()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["Vault", "PlainVault"])
def test_a_video_of_300_mb_needs_18_mb_of_memory(tmp_path: Path, kind: str) -> None:
    video = tmp_path / "video.mp4"
    with video.open("wb") as file:
        for place in range(0, 300_000_000, 10_000_000):
            file.seek(place)
            file.write(os.urandom(4096))
        file.truncate(300_000_000)
    made = "PlainVault(root)" if kind == "PlainVault" else f"Vault(root, identity={NOTEBOOK.identity!r})"
    script = textwrap.dedent(f"""
        from pathlib import Path
        from models.store.vault import PlainVault, Vault

        def memory(name):
            return int(next(x for x in open("/proc/self/status") if x.startswith(name)).split()[1])

        root = Path({str(tmp_path / "vault")!r})
        store = {made}
        store.put_bytes(bytes(1 << 20))
        base = memory("VmRSS")
        open("/proc/self/clear_refs", "w").write("5")
        kept = store.put_file(Path({str(video)!r}))
        with store.open(kept.sha256) as stream:
            while stream.read(1 << 18):
                pass
        assert store.read_range(kept.sha256, 299_999_990, 99) and kept.size == 300_000_000
        print(memory("VmHWM") - base)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 18 * 1024


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("acknowledged", [1, 2, 5, 9])
def test_what_was_kept_outlives_a_kill_and_the_rest_is_shown(tmp_path: Path, acknowledged: int) -> None:
    script = textwrap.dedent(f"""
        import os
        from pathlib import Path
        from models.store.vault import Vault

        store = Vault(Path({str(tmp_path / "vault")!r}), identity={NOTEBOOK.identity!r})
        while True:
            print(store.put_bytes(os.urandom(3_000_000)).sha256, flush=True)
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        kept = [child.stdout.readline().strip() for _ in range(acknowledged)]
        child.kill()
        kept += [line.strip() for line in child.stdout if len(line) == 65]
    safe = Vault(tmp_path / "vault", identity=NOTEBOOK.identity)
    assert all(safe.verify(sha256) == "kept" for sha256 in kept)
    assert all(safe.verify(sha256) == "kept" for sha256 in safe.hashes())
    found = safe.sweep(known=kept)
    assert len(found) <= 1
    assert sum(path.is_file() for path in safe.root.rglob("*")) == len(kept) + len(found)
    assert safe.sweep(known=kept) == found

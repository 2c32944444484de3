"""The log is computed anew from all bytes at start, every day, and by the doctor; damage stops signing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from models.errors import StoreRefused
from models.store.change import new_id, put
from models.store.database import run
from sync.server import admin, app, doctor
from sync.server.central import Central
from tests.conftest import UNIT, unguarded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    admin.init(tmp_path / "server", organisation="演示生态环境局", host="sync.example.cn")
    return tmp_path / "server"


def bent(central: Central) -> None:
    """One byte of one entry that was signed for is another."""
    central.write(put("site", new_id(), UNIT, name="示例企业03"))
    central.sign_head()
    with central.writing():
        unguarded()
        body = run("SELECT body FROM entry WHERE cursor = 2").fetchone()[0]
        other = bytes(body).replace("示例企业03".encode(), "示例企业04".encode())
        assert other != body
        run("UPDATE entry SET body = ? WHERE cursor = 2", (other,))


def test_every_day_the_whole_log_is_computed_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    central = Central.open(folder)
    bent(central)
    monkeypatch.setattr(app, "_DAY_S", 0.01)

    async def a_night() -> None:
        watching = asyncio.create_task(app._recheck_daily(central))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if central.damage:
                break
        watching.cancel()

    asyncio.run(a_night())
    assert central.damage == "the log is not what was signed"
    with pytest.raises(StoreRefused):
        central.sign_head()
    central.close()


def test_at_start_and_by_the_doctor_too(folder: Path) -> None:
    central = Central.open(folder)
    bent(central)
    central.close()
    with pytest.raises(StoreRefused):
        Central.open(folder)
    assert "log" in {check.name for check in doctor.examine(folder) if check.problems}

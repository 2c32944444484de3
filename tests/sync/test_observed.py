"""What the server tells who watches it: log, metrics and health, and that nobody's words are in them."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import psycopg
import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from models.errors import BadInput, StoreRefused
from models.store.change import new_id
from models.store.signer import Signer
from sync.embedded import Running
from sync.outcome import REASONS
from sync.server import admin, app, people
from sync.server.backup import back_up
from sync.server.calls import answered, served
from sync.server.central import Central
from sync.server.logs import JsonFormatter, seeing
from sync.server.metrics import Metrics
from sync.server.requests import Incoming
from sync.server.serve import _metrics_place, serve
from sync.wire import Limits
from tests.hostile.corpus import HOSTILE

from .by_hand import HandMade
from .callers import Person, World
from .conftest import OTHER, UNIT

WORDS = "夜间偷排示例词"


class Watched:
    """A server process with metrics, and what it wrote to standard error."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._log = log
        self._file = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sync.server", str(folder), "--metrics", "0"],
            stdout=subprocess.PIPE,
            stderr=self._file,
        )
        assert self._process.stdout is not None
        first = msgspec.json.decode(self._process.stdout.readline())
        self.url = first["listening"]
        self.metrics_url = f"http://127.0.0.1:{first['metrics']}/metrics"

    def lines(self) -> list[str]:
        """What was logged, after the process has ended."""
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._file.close()
        return self._log.read_text("utf-8").splitlines()

    def metrics(self) -> str:
        return urllib3.request("GET", self.metrics_url).data.decode()


@pytest.fixture
def watched(central: Central, tmp_path: Path) -> Iterator[Watched]:
    made = Watched(central.folder, tmp_path / "log")
    yield made
    if made._process.poll() is None:
        made.lines()


def someone(central: Central, url: str) -> tuple[Person, list[str]]:
    """An officer's device that is enrolled through the real call; and every secret on the way."""
    officer = admin.add_officer(central, "示例姓名甲", role="officer", unit_code=UNIT, units=(UNIT,))
    world = World(central, Running(central, 0, url), {})
    who = Person(world, "officer", HandMade(Signer.new()))
    code = people.make_code(central, officer)
    key = base64.b64encode(who.device.signer.public_key_der).decode()
    assert who.post("/v1/enrol", {"code": code, "public_key": key, "name": "示例电脑名"}).status == 201
    who.session()
    return who, [code, code.replace("-", ""), who.token, "示例姓名甲", "示例电脑名", officer]


def test_each_call_is_one_line_without_secrets_or_words(central: Central, watched: Watched) -> None:
    who, secrets = someone(central, watched.url)
    body = {"f": {"words": {"x": WORDS, "b": []}}}
    record = new_id()
    assert who.push([who.first(), who.device.entry("set", "site", record, body, OTHER)]).status == 200
    for each in HOSTILE[::3]:
        text = each.text.encode("utf-8", "surrogatepass")[:300]
        who.send("POST", "/v1/sync/hello", text)
        who.send("GET", "/v1/devices/self/entries?after=" + base64.b32encode(text).decode())
        secrets.append(each.text)
    who.post("/v1/enrol", {"code": "AAAA-BBBB-SECRET", "public_key": "AAAA", "name": WORDS})
    lines = watched.lines()
    told = [json.loads(line) for line in lines]
    assert all(line.isascii() for line in lines)
    whole = "\n".join([*lines, *map(repr, told)])
    for secret in [*secrets, WORDS, "SECRET", record]:
        assert len(secret) < 4 or secret not in whole, secret
    requests = [each for each in told if each["event"] == "request"]
    assert len(requests) == 5 + 2 * len(HOSTILE[::3])
    pushed = next(each for each in requests if each["call"] == "POST /v1/sync/push")
    assert set(pushed) == {"time", "level", "event", "call", "request", "device", "status", "ms"}
    assert (pushed["status"], pushed["level"]) == (200, "info")
    assert pushed["device"] == who.device.signer.device[:8]
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", pushed["time"])
    assert len({each["request"] for each in requests}) == len(requests)


def test_a_failure_tells_kind_and_place_and_not_its_words(caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: Incoming) -> Any:
        raise KeyError(WORDS) from ValueError("secret")

    with caplog.at_level("INFO"), seeing("GET /v1/x") as seen:
        outgoing = answered(broken, Incoming("GET", "/v1/x?code=secret", (), {}, {}, b""))
        seen.status = outgoing.status
        line = JsonFormatter().format(caplog.records[-1])
    told = json.loads(line)
    assert told["error"] == ["KeyError", "ValueError"]
    assert told["call"] == "GET /v1/x"
    assert "test_observed.py:" in told["at"][-1]
    assert WORDS not in repr(told)
    assert "secret" not in line
    assert caplog.records[-1].levelname == "ERROR"


def test_the_metrics_count_what_happens_and_name_nobody(central: Central, watched: Watched) -> None:
    who, secrets = someone(central, watched.url)
    entries = [who.first(), who.device.site(WORDS), who.device.site(WORDS, OTHER)]
    assert who.push(entries).status == 200
    assert who.post("/v1/sync/hello", {}).status == 200
    assert who.send("GET", "/v1/receipts/" + "0" * 32 + "/1").status == 404
    back_up(central.folder, central.folder.parent / "copy")
    text = watched.metrics()
    families = {each.name: each for each in text_string_to_metric_families(text)}
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for each in families.values()
        for sample in each.samples
    }
    assert found["qingcha_requests_total", "POST /v1/sync/push", "200"] == 1
    assert found["qingcha_requests_total", "GET /v1/receipts/{device}/{q}", "404"] == 1
    assert found["qingcha_request_seconds_count", "POST /v1/sync/push"] == 1
    with central:
        assert found["qingcha_log_entries",] == central.sign_head().size
    assert found["qingcha_put_aside", "unit"] == 1
    assert found["qingcha_devices",] == found["qingcha_devices_seen_day",] == 1
    assert found["qingcha_damaged",] == found["qingcha_uploads_open",] == 0
    assert found["qingcha_last_backup_timestamp_seconds",] > 1_700_000_000
    assert found["qingcha_database_bytes",] > 100_000
    assert found["qingcha_disk_free_bytes",] > 0
    for secret in [*secrets, WORDS, who.device.signer.device]:
        assert secret not in text


def test_what_an_alarm_is_on_is_there_before_it_first_happens(central: Central, database: str) -> None:
    """A rate over what appears with its first count does not see that count."""
    value = Metrics(central).registry.get_sample_value
    for verdict in REASONS:
        assert value("qingcha_put_aside", {"type": verdict}) == 0
    for status in ("500", "503", "507"):
        labels = {"call": "POST /v1/sync/push", "status": status}
        assert value("qingcha_requests_total", labels) == 0
    assert value("qingcha_request_seconds_count", {"call": "POST /v1/sync/push"}) == 0
    assert value("qingcha_last_backup_timestamp_seconds") == (None if database else 0)


def test_a_restored_server_tells_the_age_of_its_epoch_and_a_damaged_one_its_damage(central: Central) -> None:
    metrics = Metrics(central)
    assert metrics.registry.get_sample_value("qingcha_epoch_age_seconds") is None
    central.begin_epoch()
    age = metrics.registry.get_sample_value("qingcha_epoch_age_seconds")
    assert age is not None
    assert 0 <= age < 60
    central.damage = "shown"
    assert metrics.registry.get_sample_value("qingcha_damaged") == 1


def test_metrics_are_told_beyond_loopback_only_where_that_was_asked_for(central: Central) -> None:
    assert _metrics_place("") is None
    assert _metrics_place("9464") == ("127.0.0.1", 9464)
    assert _metrics_place("10.0.0.2:9464") == ("10.0.0.2", 9464)
    assert _metrics_place("[::1]:9464") == ("::1", 9464)
    for wrong in ("x", "1:2:x", ":", "99999999"):
        with pytest.raises(BadInput):
            _metrics_place(wrong)
    with Metrics(central).listening("127.0.0.1", 0) as port, pytest.raises(StoreRefused):
        serve(central.folder, metrics=str(port))


@pytest.mark.parametrize(
    ("error", "event", "wait"),
    [(psycopg.OperationalError(), "the database does not answer", 600), (ValueError(), "recheck", 86_400)],
)
def test_the_daily_check_goes_on_after_one_that_could_not_be_made(
    central: Central,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    event: str,
    wait: int,
) -> None:
    waits: list[float] = []
    checks = iter([error, None])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise asyncio.CancelledError

    def recheck() -> int:
        failure = next(checks)
        if failure is not None:
            raise failure
        return 0

    monkeypatch.setattr(central, "recheck", recheck)
    monkeypatch.setattr(app, "asyncio", SimpleNamespace(sleep=sleep))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(app._recheck_daily(central))
    assert waits == [86_400, wait, 86_400]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [event]


def ask_health(central: Central) -> tuple[int, dict[str, Any]]:
    (call,) = [each for each in served(central, Limits()) if each.path == "/v1/health"]
    outgoing = call.handler(Any)  # type: ignore[arg-type]
    return outgoing.status, outgoing.json


def test_health_says_damaged_disk_low_and_restored(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_health(central)[1]["status"] == "ok"
    usage = shutil._ntuple_diskusage(10**12, 10**12 - 10**9, 10**9)
    with monkeypatch.context() as less:
        less.setattr(shutil, "disk_usage", lambda path: usage)
        status, told = ask_health(central)
        assert (status, told["status"]) == (200, "disk-low")
    central.begin_epoch()
    assert ask_health(central)[1]["restored"]["devices_to_come"] == 0
    central.damage = "shown"
    assert ask_health(central) == (503, {"status": "damaged"})

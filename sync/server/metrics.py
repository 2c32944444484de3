"""What a monitor reads of a running server (Prometheus text): counts and sizes, of nobody and no record."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from peewee import fn
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.store.database import here, run
from sync.outcome import REASONS
from sync.problems import STATUS
from sync.server import durable, room
from sync.server import log as tree
from sync.server.backup import last_backup
from sync.server.calls import served
from sync.server.central import Central
from sync.server.logs import Seen, told
from sync.server.settings import Settings
from sync.server.tables import Blob, Device, Upload
from sync.wire import Limits

_DAY_MS = 24 * 3600 * 1000
_BUCKETS = (0.005, 0.02, 0.1, 0.5, 2, 10, 60)
_FAILURES = sorted({status for status in STATUS.values() if status >= 500})
_ASIDE = "SELECT problem, COUNT(*) FROM entry WHERE problem IS NOT NULL GROUP BY problem"


class Metrics:
    """The counts of one server process, and what it keeps, asked at each reading."""

    def __init__(self, central: Central) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "qingcha_requests", "Requests answered.", ["call", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "qingcha_request_seconds",
            "Time to the answer.",
            ["call"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Standing(central))
        # there from the beginning: the rate of what appears with its first count misses that count
        for call in served(central, Limits()):
            name = f"{call.method} {call.path}"
            self._seconds.labels(name)
            for status in _FAILURES:
                self._requests.labels(name, str(status))

    def note(self, seen: Seen) -> None:
        """Count a request that was answered."""
        self._requests.labels(seen.call, str(seen.status)).inc()
        self._seconds.labels(seen.call).observe(seen.seconds())

    @contextmanager
    def listening(self, host: str, port: int) -> Iterator[int]:
        """Answer `GET /metrics` on a port of its own until the block is left; gives the port.

        Raises:
            OSError: when the port is taken.
        """
        server, thread = start_http_server(port, host, self.registry)
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)


class _Standing(Collector):
    """What the server keeps now."""

    def __init__(self, central: Central) -> None:
        self._central = central

    def describe(self) -> Iterable[Metric]:
        """Nothing: the database is asked at a reading only."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The sizes; without what cannot be read."""
        central = self._central
        yield _one("damaged", "Whether the log is not what was signed.", float(bool(central.damage)))
        try:
            yield from self._sizes()
        except Exception:
            told(logging.ERROR, "metrics", failed=True)

    def _sizes(self) -> Iterator[Metric]:
        central = self._central
        now = central.clock.wall_ms()
        with central:
            size = tree.stored_size()
            aside = dict.fromkeys(REASONS, 0) | {str(kind): count for kind, count in run(_ASIDE).fetchall()}
            here_whole = Blob.select(fn.COUNT(Blob.sha256), fn.SUM(Blob.size)).where(Blob.lost_at.is_null())
            files, file_bytes = here_whole.scalar(as_tuple=True)
            lost = Blob.select().where(Blob.lost_at.is_null(False)).count()
            bytes_kept = here.size()
            uploads = Upload.select().count()
            devices = Device.select().where(Device.revoked_at.is_null()).count()
            today = Device.select().where(Device.seen_at > now - _DAY_MS).count()
        began = int(central.latest("epoch_began") or 0)
        backup = last_backup(central.folder)
        yield _one("log_entries", "Entries in the log.", size)
        put_aside = GaugeMetricFamily(
            "qingcha_put_aside", "Entries without effect, by verdict.", labels=["type"]
        )
        for kind, count in aside.items():
            put_aside.add_metric([kind[:32]], count)
        yield put_aside
        yield _one("files", "Evidence files that are here whole.", files)
        yield _one("file_bytes", "Their bytes.", file_bytes or 0)
        yield _one("files_lost", "Files that were found gone from the storage and are not back.", lost)
        yield _one("uploads_open", "Files that are partly here.", uploads)
        yield _one("devices", "Devices enrolled and not revoked.", devices)
        yield _one("devices_seen_day", "Devices that said hello in the last day.", today)
        if began:
            yield _one("epoch_age_seconds", "Since this life of the log began.", (now - began) / 1000)
        if backup or not Settings.read(central.folder).database:  # there others make it, unseen
            yield _one(
                "last_backup_timestamp_seconds", "When the last backup was made, 0 for never.", backup / 1000
            )
        yield _one("off_site_entries", "Entries in the off-site backup.", durable.standing(central)[0])
        yield _one("database_bytes", "Size of the database file.", bytes_kept)
        yield _one("disk_free_bytes", "Free on the server's disk.", room.free(central.folder))


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"qingcha_{name}", about, value=value)

"""What the server answers to the calls about evidence files."""

from __future__ import annotations

from sync.problems import Problem
from sync.server import uploads
from sync.server.door import Door
from sync.server.people import Caller
from sync.server.requests import Incoming, Outgoing


class FileDesk(Door):
    """The calls about files; `sync.server.desk.Desk` has all of them."""

    def probe(self, request: Incoming) -> Outgoing:
        """POST /v1/blobs/probe: how much is here of some files."""
        who = self._signed(request)
        asked = request.json().get("files")
        if not isinstance(asked, list) or len(asked) > self.limits.probe:
            raise Problem("too-large", limits=self.limits.as_dict())
        states = []
        for file in (each if isinstance(each, dict) else {} for each in asked):
            asked_of = (str(file.get(key, "")) for key in ("sha256", "receipt"))
            states.append(uploads.found(self.central, who, *asked_of).as_dict(self.central))
        return self._holding({"files": states, "time": self.central.clock.wall_ms()})

    def blob_head(self, request: Incoming) -> Outgoing:
        """HEAD /v1/blobs/{sha256}: where to go on."""
        state = uploads.state(self.central, self._reading(request), request.path["sha256"])
        return Outgoing(raw=b"", headers=self._upload_fields(state))

    def blob_patch(self, request: Incoming) -> Outgoing:
        """PATCH /v1/blobs/{sha256}: the next bytes."""
        complete = request.header("upload-complete") == "?1"
        return self._uploaded(self._appended(request, self._signed(request), complete=complete))

    def blob_cut(self, request: Incoming) -> Outgoing:
        """The same, cut short: what arrived stays, unchecked until the whole file is."""
        return self._uploaded(self._appended(request, self._signed(request, whole=False), complete=False))

    def _appended(self, request: Incoming, who: Caller, *, complete: bool) -> uploads.FileState:
        self.rates.file_bytes(who.device, len(request.body))
        return uploads.append(
            self.central,
            who,
            request.path["sha256"],
            offset=request.number("upload-offset"),
            length=request.number("upload-length"),
            complete=complete,
            data=request.body,
            limits=self.limits,
            digest=request.digest.hex(),
        )

    def blob_put(self, request: Incoming) -> Outgoing:
        """PUT /v1/blobs/{sha256}: a small file whole."""
        who = self._signed(request)
        if len(request.body) > self.limits.whole:
            raise Problem("too-large", limits=self.limits.as_dict())
        self.rates.file_bytes(who.device, len(request.body))
        sha256, digest = request.path["sha256"], request.digest.hex()
        state = uploads.put(self.central, who, sha256, request.body, self.limits, digest)
        return self._uploaded(state)

    def blob_get(self, request: Incoming) -> Outgoing:
        """GET /v1/blobs/{sha256}: the bytes, with Range."""
        return Outgoing(file=uploads.readable(self.central, self._told(request), request.path["sha256"]))

    def _uploaded(self, state: uploads.FileState) -> Outgoing:
        fields = self._upload_fields(state)
        if state.state != "complete":
            return Outgoing(raw=b"", status=204, headers=fields)
        return self._holding(state.as_dict(self.central), status=201, headers=fields)

    def _upload_fields(self, state: uploads.FileState) -> dict[str, str]:
        fields = {
            "upload-offset": str(state.offset),
            "upload-complete": "?1" if state.state == "complete" else "?0",
            "upload-limit": f"max-size={self.limits.file}, max-append-size={self.limits.chunk_most}",
        }
        if state.length is not None:
            fields["upload-length"] = str(state.length)
        return fields

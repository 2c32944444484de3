"""`make soak-proof`: changed packages and codes without end; none may be accepted, and all verifiers agree.

python -m tests.proof.soak --mutations 10000 --first 0 --jobs 2
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import models.areas  # noqa: F401
from models.documents.stored_zip import Archive
from models.documents.verify import verify_text
from models.errors import BadInput
from models.store.signer import Signer
from sync.proof.checking import check

from .judges import ANSWERS, HAS_NODE, HAS_TOOLS, Page, by_python_of, by_script, unpack
from .made import Case, made
from .mutations import Keys, Members, Mutant, bent_zip, mutant

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The alphanumeric alphabet of QR codes (ISO/IEC 18004, table 5)."""


EACH = 400
"""Changes of one case; after them what was found so far is told, and another case is made."""


@dataclass(frozen=True)
class Tried:
    """What the verifiers said of one changed package."""

    seed: int
    kind: str
    package: str
    answers: dict[str, str]
    """By verifier."""


class Bench:
    """The packages of a case, the keys of its forgers, and the verifiers."""

    def __init__(self, case: Case, folder: Path) -> None:
        self._folder = folder
        self._root = folder / "root.crt"
        self._root.write_bytes(case.root)
        self._page = Page(self._root) if HAS_NODE else None
        self._members = {name: case.members(name) for name in case.packages}
        colleague = Signer.new()
        pem = case.central.certificate_for(colleague.public_key_der, colleague.device).encode()
        others = [self._members[name] for name in ("amendment", "waiting", "stranger")]
        self._keys = Keys(case.book.signer, colleague, pem, others)
        # of twelve, nine are of a logged one: that is where an insider has something to gain
        self._order = ["logged"] * 8 + ["amendment", "waiting", "stranger", "amendment"]

    def close(self) -> None:
        """End the verifiers that run."""
        if self._page is not None:
            self._page.close()

    def name_of(self, seed: int) -> str:
        """Which package a seed changes."""
        return self._order[seed // 31 % len(self._order)]

    def mutant(self, seed: int) -> Mutant:
        """The changed package of a seed."""
        return mutant(self._members[self.name_of(seed)], self._keys, seed)

    def tried(self, seed: int) -> Tried:
        """What the verifiers say of it."""
        changed = self.mutant(seed)
        return Tried(seed, changed.kind, self.name_of(seed), self.answers(changed.members, changed.link))

    def answers(self, members: Members, link: str = "") -> dict[str, str]:
        """What the verifiers say of a package, each by itself."""
        folder = unpack(members, self._folder / "package", link)
        said = {"python": by_python_of(folder, self._root.read_bytes())}
        if HAS_TOOLS:
            said["script"] = ANSWERS.get(by_script(folder, self._root)[0], "broken")
        if self._page is not None and not link:  # a browser is given no folder
            said["page"] = self._page.says(folder)["answer"]
        return said

    def page_of_zip(self, data: bytes) -> list[str]:
        """What the page says of a zip; nothing where it cannot be run."""
        if self._page is None:
            return []
        path = self._folder / "package.zip"
        path.write_bytes(data)
        return [self._page.says(path)["answer"]]


def main() -> int:
    """Run; 1 where anything was accepted or the verifiers differ."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    share = min(EACH, -(-given.mutations // given.jobs))
    ranges = [
        (given.first + low, min(share, given.mutations - low)) for low in range(0, given.mutations, share)
    ]
    begun = time.monotonic()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for some, amiss in pool.map(_some, ranges):
            counts += some
            wrong += amiss
            done = (
                f"{counts.total()} of {given.mutations}, {len(wrong)} wrong, {time.monotonic() - begun:.0f} s"
            )
            sys.stderr.write(f"{done}\n")
    for kind, count in sorted(counts.items()):
        sys.stdout.write(f"{count:7}  {kind}\n")
    taken = time.monotonic() - begun
    sys.stdout.write(f"{counts.total()} changes, {len(wrong)} wrong, {taken:.0f} s\n")
    for line in wrong:
        sys.stdout.write(line + "\n")
    return 1 if wrong else 0


def _some(bounds: tuple[int, int]) -> tuple[Counter[str], list[str]]:
    """A share of the seeds: how many of each kind, and what was wrong."""
    first, count = bounds
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name, made(Path(name)) as case:
        bench = Bench(case, Path(name))
        keys = {case.book.key_id: case.book.public_key_der}
        text = case.sealed.qr_text
        for seed in range(first, first + count):
            if seed % 5 < 3:
                found = bench.tried(seed)
                counts[found.kind] += 1
                if set(found.answers.values()) != {"false"}:
                    wrong.append(str(found))
            elif seed % 5 == 3:
                how, data = bent_zip(case.members("logged"), seed // 5)
                counts[f"zip: {how}"] += 1
                said = {_zip_answer(data, case.root), *bench.page_of_zip(data)}
                if "genuine" in said:
                    wrong.append(f"{seed} zip {how} {said}")
            else:
                counts["code"] += 1
                changed = changed_code(text, seed // 5)
                if verify_text(changed, keys).genuine:
                    wrong.append(f"{seed} code {changed}")
        bench.close()
    return counts, wrong


def _zip_answer(data: bytes, root: bytes) -> str:
    try:
        return check(Archive(io.BytesIO(data)), root).answer
    except BadInput:
        return "unknown"


def changed_code(text: str, seed: int) -> str:
    """A QR text with one sign in the place of another: all of them, one after the other, as seeds go up."""
    place, which = divmod(seed, len(SIGNS) - 1)
    place %= len(text)
    return text[:place] + [sign for sign in SIGNS if sign != text[place]][which] + text[place + 1 :]


if __name__ == "__main__":
    sys.exit(main())

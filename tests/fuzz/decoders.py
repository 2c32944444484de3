"""All decoders that are fuzzed, by name, and the inputs that are kept of each."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz import targets
from tests.fuzz.answers import answers, replies
from tests.fuzz.targets import MOST_MEMORY, Target

CORPUS = Path(__file__).parent / "corpus"
"""One folder a target: inputs from real data, and every input that ever broke something."""
TARGETS: dict[str, Target] = {
    each.__name__: each
    for each in (
        targets.line,
        targets.batch,
        targets.offered,
        targets.page,
        targets.inflate,
        targets.note,
        targets.receipt,
        targets.signature,
        targets.problem,
        targets.enrolment,
        targets.seal,
        targets.form,
        targets.age,
        targets.bundle,
        answers,
        replies,
    )
}

__all__ = ["CORPUS", "MOST_MEMORY", "TARGETS", "kept_inputs"]


def kept_inputs(name: str) -> list[bytes]:
    """The inputs of a target that lie in the corpus."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir()) if path.is_file()]

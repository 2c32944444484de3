"""What all tests here share: one case, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.inspections import canonical
from models.store.notebook import Notebook

from .judges import HAS_TOOLS
from .made import Case, made, seal_a_visit

needs_tools = pytest.mark.skipif(
    not HAS_TOOLS, reason="bash, openssl, xxd, base32 and sha256sum are not all installed"
)


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with made(tmp_path_factory.mktemp("proof")) as whole:
        yield whole


@pytest.fixture
def own(notebook: Notebook, officers: tuple[str, str], tmp_path: Path) -> tuple[Notebook, str, list[str]]:
    """A notebook of its own with a sealed visit: the number, and the hashes of its two photographs."""
    sealed = seal_a_visit(notebook, officers[1], tmp_path, photos=2)
    with notebook.vault.open(sealed.sha256) as stream:
        record = canonical.decode(bytes(stream.read()))
    return notebook, sealed.number, [each["sha256"] for each in record["evidence"]]

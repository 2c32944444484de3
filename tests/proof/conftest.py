"""What all tests here share: one case, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .judges import HAS_TOOLS
from .made import Case, made

needs_tools = pytest.mark.skipif(
    not HAS_TOOLS, reason="bash, openssl, xxd, base32 and sha256sum are not all installed"
)


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with made(tmp_path_factory.mktemp("proof")) as whole:
        yield whole

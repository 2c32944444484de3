"""The bureau's own content packs, which replace facts of ours without a new version of the program.

<home>/packs/law/*.toml            legal bases and instruments (models/law/packs.py)
<home>/packs/deadlines.toml        time limits
<home>/packs/holidays.toml         working-day calendars of further years
<home>/packs/parameters.toml       thresholds and counts
<home>/packs/stages.toml           words and papers of the compensation procedure
<home>/packs/start_evidence.toml   the least evidence before a case is started
<home>/packs/departments.toml      which department guides which restoration
<home>/packs/scoring.toml          scoring rules of a year
<home>/packs/exchange.toml         headers of the case-review system's files

Like `models.areas` it stands above the areas; they are imported only where a folder is there.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

FOLDER = "packs"
USERS = (
    ("models.law.deadlines", "use_deadlines"),
    ("models.law.parameters", "use_parameters"),
    ("models.cases.damage.stages", "use_stages"),
    ("models.cases.flow.decisions", "use_start_evidence"),
    ("models.cases.restoration.rules", "use_departments"),
    ("models.oversight.scoring", "use_scoring"),
    ("models.cases.penalty.shape", "use_exchange"),
)
"""Modules whose function takes the folders with the bureau's files."""


def use_content(home: Path) -> bool:
    """Use the packs in a home, if there are any; whether there are.

    Raises:
        BadInput: naming the file, the key and what is wrong; nothing of that file is in use.
    """
    folder = home / FOLDER
    if not folder.is_dir():
        return False
    law = folder / "law"
    if law.is_dir():
        from models.law.bases import use_packs

        use_packs(law)
    for module, function in USERS:
        getattr(import_module(module), function)(folder)
    return True

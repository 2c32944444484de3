"""The bureau's own content packs, which replace facts of ours without a new version of the program.

<home>/packs/law/*.toml            legal bases and instruments (models/law/packs.py)
<home>/packs/checklists/           newer versions of checklists and further ones (models/inspections/items.py)
<home>/packs/deadlines.toml        time limits
<home>/packs/holidays.toml         working-day calendars of further years
<home>/packs/parameters.toml       thresholds and counts
<home>/packs/local_limits.csv      limits of local standards (DB35), each with clause and source
<home>/packs/stages.toml           words and papers of the compensation procedure
<home>/packs/start_evidence.toml   the least evidence before a case is started
<home>/packs/departments.toml      which department guides which restoration
<home>/packs/scoring.toml          scoring rules of a year
<home>/packs/exchange.toml         headers of the case-review system's files
<home>/packs/papers/*.docx         templates of papers (models/documents/templates/README.md)

Like `models.areas` it stands above the areas; they are imported only where a folder is there.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

FOLDER = "packs"
PACKS = (
    ("models.law.deadlines", "LIMITS"),
    ("models.law.deadlines", "CALENDAR"),
    ("models.law.parameters", "PARAMETERS"),
    ("models.law.local", "LOCAL_LIMITS"),
    ("models.cases.damage.stages", "PROCEDURE"),
    ("models.cases.flow.decisions", "LEAST_EVIDENCE"),
    ("models.cases.restoration.rules", "GUIDES"),
    ("models.oversight.scoring", "PACKS"),
    ("models.cases.penalty.shape", "SHAPE"),
)
"""Module and name of each `models.packs.PackFile`."""


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
    lists = folder / "checklists"
    if lists.is_dir():
        from models.inspections.items import use_lists

        use_lists(lists)
    papers = folder / "papers"
    if papers.is_dir():
        from models.documents.templates import use_folder

        use_folder(papers)
    for module, name in PACKS:
        getattr(import_module(module), name).use(folder)
    return True

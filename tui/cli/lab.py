"""Commands of the laboratory: taking its file in, writing the labels of samples."""

from __future__ import annotations

import argparse
from typing import Any

from models.language import _
from tui.cli.opening import opened
from tui.cli.telling import DONE, FINDINGS, say, tell


def import_results(given: argparse.Namespace) -> int:
    """`qingcha lab import FILE [--inspection NUMBER]`: 0 taken in, 1 something is wrong and nothing was."""
    from models.inspections.queries import by_number
    from models.inspections.sampling.lab import error_texts, take_in_results

    with opened(given) as notebook:
        visit = by_number(notebook, given.inspection) if given.inspection else ""
        done = take_in_results(notebook, given.file, inspection_id=visit)
        over, undecided = (_judged(notebook, done.reports, verdict) for verdict in ("over", "undecidable"))
    for sentence in error_texts(done.errors):
        say(sentence)
    if done.unknown_columns:
        say(_("Columns that nothing is taken from: {names}").format(names=", ".join(done.unknown_columns)))
    facts: dict[str, Any] = {
        "rows": done.rows,
        "added": done.added,
        "corrected": done.corrected,
        "same": done.same,
        "over": over,
        "undecided": undecided,
        "reports": list(done.reports),
        "errors": [
            {"row": each.row, "column": each.column, "value": each.value, "message": each.message}
            for each in done.errors
        ],
    }
    if done.errors:
        tell(given, facts, _("Nothing was taken in. Rows that are wrong: {count}."), count=done.wrong_rows)
        return FINDINGS
    tell(
        given,
        facts,
        _(
            "Results: {added} added, {corrected} corrected, {same} there already; {over} over the limit, "
            "{undecided} not judged."
        ),
        added=done.added,
        corrected=done.corrected,
        same=done.same,
        over=over,
        undecided=undecided,
    )
    return DONE


def _judged(notebook: Any, reports: tuple[str, ...], verdict: str) -> int:
    from models.inspections.sampling.queries import results_of

    return sum(1 for one in reports for each in results_of(notebook, one) if each.verdict == verdict)


def template(given: argparse.Namespace) -> int:
    """`qingcha lab template FILE`: an empty table with the headers and one example row."""
    from models.inspections.sampling.lab_template import write_template

    written = write_template(given.file)
    tell(given, {"file": str(written)}, str(written))
    return DONE


def labels(given: argparse.Namespace) -> int:
    """`qingcha lab labels RECORD FOLDER`: a PNG and a text for each bottle, in a folder made if need be."""
    from models.documents.export import export
    from models.documents.sample_labels import sample_labels
    from tui.named import meant

    with opened(given) as notebook:
        _kind, record = meant(notebook, ("sampling",), given.record)
        written = []
        folder = given.folder.expanduser()
        if not folder.is_dir() and folder.parent.is_dir():
            folder.mkdir()
        for each in sample_labels(notebook, record):
            name = each.code.split(":")[1] + f"-{each.code.split(':')[2]}"
            text = "\n".join(each.text()) + "\n"
            written.append(export(notebook, text, folder / f"{name}.txt"))
            written.append(export(notebook, each.png(), folder / f"{name}.png"))
    tell(given, {"files": [str(path) for path in written]}, "\n".join(map(str, written)))
    return DONE

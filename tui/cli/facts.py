"""Commands on forms and limits: no notebook is needed."""

from __future__ import annotations

import argparse
import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_, _
from tui.cli.telling import DONE, FINDINGS, say, tell


def form_check(given: argparse.Namespace) -> int:
    from models.forms.queries import check

    return _form_report(given, [check(given.file)])


def form_list(given: argparse.Namespace) -> int:
    from models.forms.queries import list_forms

    if given.folder is not None:
        return _form_report(given, list(list_forms(given.folder)))
    lists = _checklists()
    lines = []
    for each in lists:
        line = _("{code}  {title}  {version}  items: {count}")
        lines.append(line.format(**{**each, "count": len(each["items"])}))
        if each["earlier"]:
            lines[-1] += _("  (earlier: {versions})").format(versions=", ".join(each["earlier"]))
    tell(given, lists, "\n".join(lines))
    return DONE


def _checklists() -> list[dict[str, Any]]:
    """What inspections and patrols can answer, in the order in which it is offered."""
    from models.community.facts import grid_checklist
    from models.inspections.items import checklists, versions

    listed = [(each, versions(each.code)[:-1]) for each in checklists()]
    return [
        {
            "code": each.code,
            "title": each.title,
            "version": each.version,
            "earlier": [one.version for one in earlier],
            "items": list(each.items),
            "key_items": [item.code for item in each.items.values() if item.star],
            "file": str(each.path),
        }
        for each, earlier in [*listed, (grid_checklist(), ())]
    ]


def _form_report(given: argparse.Namespace, checked: list[Any]) -> int:
    lines = []
    for each in checked:
        form = each.description
        if form is None:
            lines.append(f"{Path(each.path).name}: {each.error}")
            continue
        count = _("questions: {count}").format(count=form.questions)
        named = f"{form.id} {form.version}".rstrip()  # a form need not say its version
        lines.append(f"{Path(each.path).name}: {form.title} ({named}), {count}")
        lines += [f"  {problem}" for problem in (*form.problems, *form.unserved, *form.warnings)]
    tell(given, [dataclasses.asdict(each) for each in checked], "\n".join(lines) or _("None found."))
    return DONE if all(each.ok for each in checked) else FINDINGS


def form_fill(given: argparse.Namespace) -> int:
    from models.forms.load import load_untrusted
    from models.forms.queries import fill

    answers = _answers(given.answers)
    before = _answers(given.last_saved) if given.last_saved else {}
    filled = fill(load_untrusted(given.file), answers, language=given.language, last_saved=before)
    text = "\n".join(filled.wrong()) or _("The form is complete.")
    tell(given, dataclasses.asdict(filled), text)
    return DONE if filled.complete else FINDINGS


def form_export(given: argparse.Namespace) -> int:
    from models.forms.export import files
    from models.forms.load import load_untrusted
    from models.forms.queries import answered, state
    from models.store.durable import write_whole

    before = _answers(given.last_saved) if given.last_saved else {}
    filling, errors = answered(load_untrusted(given.file), _answers(given.answers), last_saved=before)
    filling.finish()
    filled = state(filling, errors)
    written = files(filling, given.to, bom=given.bom)
    for path, data in written.items():
        write_whole(path, data)
    for sentence in filled.wrong():
        say(sentence)
    tell(given, {"files": [str(path) for path in written]}, "\n".join(map(str, written)))
    return DONE if filled.complete else FINDINGS


def _answers(path: Path) -> dict[str, object]:
    try:
        answers = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(N_("{file} is not a JSON file of answers."), file=path.name) from error
    if not isinstance(answers, dict):
        raise BadInput(N_("{file} is not a JSON file of answers."), file=path.name)
    return answers


def limits_check(given: argparse.Namespace) -> int:
    from models.law.checking_text import check_text

    fields = dict(pair.partition("=")[::2] for pair in given.fields)
    text, judgement = check_text(given.parameter, given.value, **fields)
    tell(given, dataclasses.asdict(judgement), text)
    return DONE if judgement.verdict == "ok" else FINDINGS

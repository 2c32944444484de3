"""The forms that a bureau brought: the document that a form is read from, in parts as entries carry it."""

from __future__ import annotations

from models.store.records import IntegerField, Record, TextField, record


@record("form", version=1, search=("title", "form_id", "file_name"))
class BroughtForm(Record):
    """An XLSForm or XForm that somebody of the bureau brought; a later version is a record of its own."""

    form_id = TextField(null=True, index=True)
    """As the form's author named it."""
    form_version = TextField(null=True)
    title = TextField(null=True)
    questions = IntegerField(null=True)
    file_name = TextField(null=True)
    file_sha256 = TextField(null=True)
    """Of the author's file, lower-case hex: two notebooks can tell that they mean the same file."""
    packed_sha256 = TextField(null=True)
    """Of all parts together as bytes, lower-case hex."""
    parts = IntegerField(null=True)


@record("form_part", version=1, parent="form")
class FormPart(Record):
    """One part of a form's packed document (`models.forms.brought`)."""

    form = TextField(null=True, index=True)
    number = IntegerField(null=True)
    """From 1 on."""
    data = TextField(null=True)
    """Base64."""

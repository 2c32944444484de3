"""The mistakes around content that an order takes out; a part of `mutant_list`."""

from __future__ import annotations

from .mutant import Mutant, one

ORDERS = "tests/models/store/test_orders.py::"
REDACT = "tests/sync/test_redact.py::"
TAKING = "tests/sync/test_redact_taking.py::"

OF_ORDERS: tuple[Mutant, ...] = (
    one(
        "R10",
        "what an entry replaced comes back to life when an order takes its content out",
        "models.store.fold:fold",
        "replaced.setdefault(name, set()).update(uids)",
        "pass",
        f"{ORDERS}test_the_values_go_and_what_they_replaced_does_not_come_back",
    ),
    one(
        "R2",
        "a notebook takes content again that an order took out",
        "models.store.receiving:Receiving.receive",
        "redacting.kept_out(arrival.entry, out)",
        "arrival.entry",
        f"{REDACT}test_a_notebook_that_has_the_content_never_brings_it_back",
    ),
    one(
        "R2",
        "a server takes content again that an order took out",
        "sync.server.intake:Intake.take",
        "fresh = [redacting.kept_out(entry, gone) for entry in fresh]",
        "pass",
        f"{TAKING}test_content_that_comes_after_its_order_is_logged_without_it",
    ),
    one(
        "R8",
        "a restored server says an order again and does not obey it",
        "models.store.receiving:Receiving.carry",
        "ordered = self._heed(carried)",
        "ordered: list[Order] = []",
        f"{REDACT}test_a_restored_server_hears_of_the_order_again_and_keeps_the_content_out",
    ),
    one(
        "R5",
        "an entry comes without its content and without an order, and is believed",
        "sync.server.accept:lacks_content",
        "return is_withheld(entry.body) and",
        "return False and",
        f"{TAKING}test_an_entry_without_its_content_is_taken_by_order_only",
    ),
    one(
        "R5",
        "a server that leaves content out is believed without its signed order",
        "sync.paging:entry_of",
        "if for_all and",
        "if False and",
        f"{REDACT}test_a_server_that_withholds_without_its_signed_order_is_not_believed",
    ),
    one(
        "R9",
        "a file goes though another entry names it",
        "sync.server.erasing:_remove",
        "if whoever or not named:",
        "if True:",
        "tests/sync/test_redact_files.py::test_the_file_goes_with_the_last_entry_that_names_it",
    ),
)

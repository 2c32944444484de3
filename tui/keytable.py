"""The key table itself; `tui/keys.py` says what an id means and makes everything from it."""

from __future__ import annotations

from dataclasses import dataclass

from models.language import N_


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a key does."""

    id: str
    keys: str
    """Default keys, comma-separated, by Textual's names."""
    label: str
    """msgid: two or three words for the footer."""
    tooltip: str
    """msgid: what will happen, one sentence."""
    footer: bool = False
    """Whether the footer of its place shows it."""
    short: str = ""
    """msgid: the label where the footer has little room."""

    @property
    def place(self) -> str:
        """Where it works."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The method that does it, without `action_`."""
        return self.id.partition(".")[2]


PLACE_LABELS: dict[str, str] = {
    "app": N_("Everywhere"),
    "go": N_("After g: go to a place"),
    "lists": N_("In a list"),
    "checklist": N_("On a checklist item"),
    "form": N_("In a form"),
    "unlock": N_("Unlock"),
    "today": N_("Today"),
    "inspections": N_("Inspections"),
    "new": N_("New inspection"),
    "register": N_("Register"),
    "inspection": N_("Inspection"),
    "facts": N_("Basic facts"),
    "finding": N_("Finding"),
    "measurement": N_("Measured value"),
    "filling": N_("Filling in a form"),
    "amendment": N_("Amendment"),
    "evidence": N_("Evidence"),
    "describe": N_("Evidence in words"),
    "custody": N_("Custody"),
    "record": N_("Record"),
    "room": N_("In a room"),
    "sheet": N_("Sheet"),
    "act": N_("Form of an act"),
    "paper": N_("Paper"),
    "chart": N_("Chart"),
    "signatures": N_("Filling in the record"),
    "statement": N_("Statement"),
    "interview": N_("Interview"),
    "sync": N_("Sync"),
    "settings": N_("Settings"),
}
"""Every place of the table, in the order of the help, with its msgid."""

ACTIONS: tuple[Action, ...] = (
    Action("app.help", "question_mark,f1", N_("Help"), N_("Lists what can be done here, and does it."), True),
    Action(
        "app.palette",
        "ctrl+p",
        N_("All actions"),
        N_("Finds any action or place by name or pinyin initials."),
        True,
    ),
    Action("app.go", "g", N_("Go to"), N_("Then a letter goes to a place.")),
    Action("app.back", "escape", N_("Back"), N_("Goes back one step; nothing is lost.")),
    Action("app.sync", "f5", N_("Sync"), N_("Sends what is unsent and fetches what is new.")),
    Action("app.language", "f2", N_("Language"), N_("Switches between Chinese and English at once.")),
    Action("app.theme", "f3", N_("Theme"), N_("Changes day, night, sunlight.")),
    Action("app.lock", "ctrl+l", N_("Lock"), N_("Closes the notebook; the passphrase opens it again.")),
    Action("app.quit", "ctrl+q", N_("Quit"), N_("Ends the program; everything is already kept.")),
    Action("go.today", "t", N_("Today"), N_("Drafts, deadlines and what is unsent.")),
    Action("go.inspections", "i", N_("Inspections"), N_("All inspections, filtered as you type.")),
    Action("go.new", "n", N_("New inspection"), N_("Starts an inspection: site, officers, checklists.")),
    Action("go.forms", "b", N_("Forms"), N_("The bureau's own forms, and what was filled with them.")),
    Action(
        "go.planning",
        "a",
        N_("Spot checks and assignments"),
        N_("Draws by lot, assigned inspections with their days, classes of sites."),
    ),
    Action("go.sampling", "z", N_("Sampling"), N_("Sampling records, samples on their way, laboratories.")),
    Action("go.cases", "c", N_("Cases"), N_("Clues and damage cases by stage, with their deadlines.")),
    Action("go.penalties", "x", N_("Penalty cases"), N_("Penalty cases, screening, links to damage cases.")),
    Action("go.experts", "e", N_("Experts"), N_("The list of experts, drawings and opinions.")),
    Action("go.restoration", "r", N_("Restoration"), N_("Restorations, their amounts, visits and bases.")),
    Action("go.fund", "f", N_("Fund"), N_("Money in and out of the earmarked fund.")),
    Action("go.units", "u", N_("Units"), N_("The 16 counties and zones: figures, bulletins, tasks, chart.")),
    Action("go.community", "m", N_("Community"), N_("Committees, grids, patrols, complaints, mediation.")),
    Action("go.outreach", "o", N_("Outreach"), N_("Bases, activities, exemplary cases, training.")),
    Action("go.supervision", "d", N_("Supervision"), N_("Routine rounds and what they found to rectify.")),
    Action(
        "go.onsite", "w", N_("On-site papers"), N_("Interviews, measures on the spot, service of papers.")
    ),
    Action("go.sync", "s", N_("Sync"), N_("What will go, what went, what came.")),
    Action("go.settings", "p", N_("Settings"), N_("Language, theme, lock and keys.")),
    Action(
        "go.tour", "h", N_("First-day tour"), N_("Ten minutes from a start to a sealed practice inspection.")
    ),
    Action("lists.up", "up,k", N_("Up"), N_("One row up.")),
    Action("lists.down", "down,j", N_("Down"), N_("One row down.")),
    Action("lists.page_up", "pageup", N_("Page up"), N_("One screen up.")),
    Action("lists.page_down", "pagedown", N_("Page down"), N_("One screen down.")),
    Action("lists.top", "home", N_("First"), N_("The first row.")),
    Action("lists.bottom", "end", N_("Last"), N_("The last row.")),
    Action("lists.open", "enter,right,l", N_("Open"), N_("Opens the row under the cursor.")),
    Action(
        "checklist.ok",
        "1",
        N_("No problem"),
        N_("Answers 'no problem found' and goes to the next item."),
        True,
        N_("OK"),
    ),
    Action(
        "checklist.problem",
        "2",
        N_("Problem"),
        N_("Answers 'problem found' and goes to the next item."),
        True,
        N_("Bad"),
    ),
    Action(
        "checklist.na",
        "3",
        N_("Not applicable"),
        N_("Answers 'not applicable' and goes to the next item."),
        True,
        N_("N/A"),
    ),
    Action("checklist.up", "up,k", N_("Up"), N_("The item before.")),
    Action("checklist.down", "down,j", N_("Down"), N_("The next item.")),
    Action("checklist.page_up", "pageup", N_("Page up"), N_("One screen up.")),
    Action("checklist.page_down", "pagedown", N_("Page down"), N_("One screen down.")),
    Action("checklist.top", "home", N_("First"), N_("The first item.")),
    Action("checklist.bottom", "end", N_("Last"), N_("The last item.")),
    Action("checklist.edit", "enter", N_("Write"), N_("Opens the note of this item.")),
    Action("form.next", "down", N_("Next"), N_("The next field; what was typed is kept.")),
    Action("form.previous", "up", N_("Before"), N_("The field before; what was typed is kept.")),
    Action(
        "unlock.demo",
        "f6",
        N_("Try the demo"),
        N_("Opens a practice notebook with a server of its own."),
        True,
    ),
    Action(
        "unlock.begin",
        "f7",
        N_("Begin now"),
        N_("Makes a notebook on this laptop; enrolment can come later."),
        True,
    ),
    Action(
        "unlock.enrol", "f8", N_("Enrol"), N_("Makes a notebook with a one-time code of the bureau."), True
    ),
    Action(
        "today.start",
        "n",
        N_("Start inspection"),
        N_("Starts an inspection: site, officers, checklists."),
        True,
    ),
    Action(
        "today.begin",
        "b",
        N_("Begin"),
        N_("Begins the assigned inspection under the cursor; site, officers and numbers are filled in."),
        True,
    ),
    Action(
        "today.act",
        "a",
        N_("What can be done"),
        N_("Lists what can be done to the assignment under the cursor: decline it, hand it on."),
    ),
    Action("today.resume", "i", N_("Continue"), N_("Opens the last draft where you left it."), True),
    Action("today.inspections", "slash", N_("Find"), N_("Goes to all inspections and filters them."), True),
    Action(
        "inspections.find", "slash", N_("Find"), N_("Filters by site, pinyin initials, number or unit."), True
    ),
    Action("inspections.state", "f4", N_("State"), N_("Shows drafts only, sealed only, or all."), True),
    Action(
        "inspections.start",
        "n",
        N_("Start inspection"),
        N_("Starts an inspection: site, officers, checklists."),
        True,
    ),
    Action("new.begin", "f10", N_("Begin"), N_("Begins the inspection with what is chosen here."), True),
    Action("register.write", "f10", N_("Enter it"), N_("Enters this into the register and goes back."), True),
    Action(
        "inspection.note",
        "n",
        N_("Note"),
        N_("Writes a note on this item; stock phrases by pinyin initials."),
        True,
    ),
    Action(
        "inspection.finding",
        "f",
        N_("Finding"),
        N_("Writes a problem with its legal basis on this item."),
        True,
    ),
    Action(
        "inspection.measure", "m", N_("Measure"), N_("Adds a measured value; it is judged as you type."), True
    ),
    Action("inspection.evidence", "e", N_("Evidence"), N_("Adds a file or photo to this item."), True),
    Action("inspection.view", "v", N_("View evidence"), N_("Shows the evidence of this item.")),
    Action(
        "inspection.missing", "x", N_("Missing"), N_("Lists what is still missing; Enter jumps to it."), True
    ),
    Action("inspection.sampling", "z", N_("Sampling"), N_("Opens sampling records, samples and results.")),
    Action("inspection.facts", "b", N_("Basic facts"), N_("Opens who, where, when and the party.")),
    Action("inspection.seal", "s", N_("Seal"), N_("Fixes the inspection by digest and signature."), True),
    Action(
        "inspection.forms", "t", N_("Forms"), N_("Opens, begins or brings a form of the bureau's own."), True
    ),
    Action("inspection.record", "r", N_("Record"), N_("Shows the official form filled from what was noted.")),
    Action("inspection.undo", "u", N_("Undo"), N_("Takes the last change back; the history keeps both.")),
    Action("inspection.find", "slash", N_("Find"), N_("Finds an item by its words.")),
    Action("inspection.pane", "tab", N_("Next pane"), N_("Moves to the next pane.")),
    Action(
        "inspection.clue",
        "c",
        N_("Make a clue"),
        N_("Makes a clue of the finding or measurement under the cursor, else of the visit."),
    ),
    Action(
        "inspection.onsite",
        "o",
        N_("On-site papers"),
        N_("Interviews, measures, service and the penalty case of this visit: opens one or begins one."),
        True,
    ),
    Action("inspection.amend", "a", N_("Amend"), N_("Corrects or adds to a sealed inspection.")),
    Action(
        "inspection.withdraw",
        "d",
        N_("Withdraw"),
        N_("Withdraws the finding or measurement under the cursor, with a reason; the history keeps it."),
    ),
    Action("finding.phrase", "f4", N_("Phrase"), N_("Adds a stock phrase by pinyin initials."), True),
    Action(
        "finding.withdraw",
        "f8",
        N_("Withdraw"),
        N_("Withdraws it with a reason; the history keeps it."),
        True,
    ),
    Action(
        "measurement.more",
        "f9",
        N_("Next value"),
        N_("Keeps this one and begins the next, with the same point and circumstances."),
        True,
    ),
    Action(
        "measurement.lack",
        "f6",
        N_("What is asked"),
        N_("Goes to the field that is still needed for a verdict."),
        True,
        N_("Asked"),
    ),
    Action(
        "measurement.withdraw",
        "f8",
        N_("Withdraw"),
        N_("Withdraws it with a reason; the history keeps it."),
        True,
    ),
    Action("filling.find", "slash", N_("Find"), N_("Finds a question by its words."), True),
    Action(
        "filling.missing", "x", N_("Missing"), N_("Lists what is still missing; Enter jumps to it."), True
    ),
    Action("filling.undo", "u", N_("Undo"), N_("Takes the last change back; the history keeps both."), True),
    Action(
        "filling.remove",
        "d",
        N_("Take away"),
        N_("Takes the round at the cursor away, after asking."),
        True,
    ),
    Action(
        "filling.withdraw",
        "f8",
        N_("Withdraw"),
        N_("Withdraws the form with a reason; it stays in the history."),
    ),
    Action("amendment.seal", "f10", N_("Seal"), N_("Seals the amendment after asking."), True),
    Action(
        "evidence.add", "a", N_("Add a file"), N_("Takes in a file by its path, pasted or dropped."), True
    ),
    Action("evidence.browse", "o", N_("Folders"), N_("Chooses files in folders, on cards and sticks."), True),
    Action(
        "evidence.phone",
        "p",
        N_("From the phone"),
        N_("Shows a QR code that opens a page on the phone; what it takes comes in here."),
        True,
    ),
    Action("evidence.take", "t", N_("Take in"), N_("Takes in the new files of the watched folder."), True),
    Action("evidence.thing", "n", N_("A thing"), N_("Notes a thing without a file: a bag, a bottle, paper.")),
    Action(
        "evidence.watch", "w", N_("Watch"), N_("Offers new files of a folder as they come, or stops that.")
    ),
    Action("evidence.cancel", "x", N_("Stop"), N_("Stops the taking in; the file under way is not kept.")),
    Action("evidence.label", "b", N_("Label"), N_("Shows the label with its QR code."), True),
    Action(
        "evidence.custody",
        "c",
        N_("Custody"),
        N_("Notes that it was collected, bagged, handed over or opened."),
        True,
    ),
    Action("evidence.edit", "e", N_("Describe"), N_("Edits purpose, source, maker and pages."), True),
    Action(
        "evidence.withdraw",
        "d",
        N_("Withdraw"),
        N_("Withdraws it with a reason; it is never erased."),
    ),
    Action(
        "describe.withdraw",
        "f8",
        N_("Withdraw"),
        N_("Withdraws it with a reason; the history keeps it."),
        True,
    ),
    Action("custody.write", "f10", N_("Write it in"), N_("Writes this event into the custody."), True),
    Action(
        "record.print", "p", N_("Print"), N_("Writes the form as a document and opens it for printing."), True
    ),
    Action("record.export", "o", N_("Export"), N_("Writes the form as a document into a folder."), True),
    Action(
        "record.signatures",
        "w",
        N_("Fill in"),
        N_("Situation on site, certificates and rights told, signatures or why there are none."),
        True,
    ),
    Action("record.statement", "t", N_("Statement"), N_("Writes the party's statement."), True),
    Action("record.seal", "s", N_("Seal"), N_("Fixes the record by digest and signature."), True),
    Action("record.code", "q", N_("QR code"), N_("Shows the seal as a QR code."), True),
    Action("record.missing", "x", N_("Missing"), N_("Lists what is still missing; Enter jumps to it."), True),
    Action("record.facts", "b", N_("Basic facts"), N_("Opens who, where, when and the party.")),
    Action("record.paper", "tab", N_("Other paper"), N_("Shows the record, or the list of evidence.")),
    Action("room.new", "n", N_("New"), N_("Begins something new in this room."), True),
    Action("room.act", "a", N_("Do"), N_("Lists what can be done to the row under the cursor."), True),
    Action("room.find", "slash", N_("Find"), N_("Filters by words, pinyin initials or number."), True),
    Action("room.list", "tab,right_square_bracket", N_("Next list"), N_("Shows the next list."), True),
    Action(
        "room.list_before", "shift+tab,left_square_bracket", N_("List before"), N_("Shows the list before.")
    ),
    Action("room.chart", "b", N_("Chart"), N_("Shows the figures of the units as bars."), True),
    Action("sheet.act", "a", N_("Do"), N_("Lists what can be done to this, and does it."), True),
    Action("sheet.papers", "p", N_("Papers"), N_("Shows a paper of it, to be exported or printed."), True),
    Action("sheet.history", "h", N_("History"), N_("Shows who changed what, and when."), True),
    Action("sheet.label", "b", N_("Label"), N_("Shows the label of a bottle with its code; o writes it.")),
    Action("act.finish", "f10", N_("Do it"), N_("Does what the form is for, and goes back."), True),
    Action("act.today", "f4", N_("Today"), N_("Puts today's date into the field."), True),
    Action("paper.export", "o", N_("Export"), N_("Writes the paper as a document into a folder."), True),
    Action(
        "paper.print", "p", N_("Print"), N_("Writes the paper as a document and opens it for printing."), True
    ),
    Action("paper.paper", "tab", N_("Other paper"), N_("Shows the next paper of this record."), True),
    Action("chart.figure", "tab", N_("Next figure"), N_("Shows the next figure."), True),
    Action(
        "chart.earlier",
        "left_square_bracket",
        N_("Month before"),
        N_("Shows the figures as of the end of the month before."),
        True,
    ),
    Action(
        "chart.later",
        "right_square_bracket",
        N_("Month after"),
        N_("Shows the figures as of the end of the next month, or of today."),
        True,
    ),
    Action("signatures.phrase", "f4", N_("Phrase"), N_("Adds a stock phrase by pinyin initials."), True),
    Action(
        "statement.withdraw",
        "f8",
        N_("Withdraw"),
        N_("Withdraws it with a reason; the history keeps it."),
        True,
    ),
    Action("interview.ask", "n", N_("Next question"), N_("Begins a new question at the end."), True),
    Action(
        "interview.between",
        "i",
        N_("In between"),
        N_("Begins a new question behind the one under the cursor."),
    ),
    Action("interview.phrase", "f4", N_("Phrase"), N_("Takes a stock question by pinyin initials."), True),
    Action(
        "interview.silent",
        "ctrl+n",
        N_("No answer"),
        N_("Writes down that the question was not answered, and goes on."),
        True,
    ),
    Action(
        "interview.take_out",
        "f8",
        N_("Withdraw"),
        N_("Withdraws the question with a reason; the history keeps it."),
        True,
    ),
    Action("interview.person", "b", N_("Person"), N_("Opens who is asked, where and by whom."), True),
    Action(
        "interview.ending",
        "f9",
        N_("End and sign"),
        N_("Opens the end: what was told, how it was read, who signed."),
        True,
    ),
    Action(
        "interview.missing", "x", N_("Missing"), N_("Lists what is still missing; Enter goes there."), True
    ),
    Action("interview.seal", "s", N_("Seal"), N_("Fixes the record by digest and signature."), True),
    Action("interview.paper", "p", N_("Paper"), N_("Shows the form as it will be printed."), True),
    Action("interview.sheet", "v", N_("All of it"), N_("Shows all of it, its acts and history.")),
    Action("sync.start", "s", N_("Sync now"), N_("Sends what is unsent and fetches what is new."), True),
    Action("sync.cancel", "c", N_("Cancel"), N_("Stops at once; the next sync goes on from there."), True),
    Action(
        "sync.code",
        "d",
        N_("Phone code"),
        N_("Shows the server the code of your phone's app and syncs; it asks for one where you have it."),
        True,
    ),
    Action("sync.receipts", "r", N_("Receipts"), N_("Lists the server's signed receipts."), True),
    Action(
        "sync.settle",
        "e",
        N_("Settle"),
        N_("Opens both sides of a conflict to choose or write a third."),
        True,
    ),
    Action(
        "sync.export",
        "o",
        N_("Export a bundle"),
        N_("Writes what waits to a stick, for a server that no network reaches."),
    ),
    Action(
        "sync.take",
        "i",
        N_("Import an answer"),
        N_("Takes in from a stick what the server answered to a bundle."),
    ),
    Action("sync.pane", "tab", N_("Next list"), N_("Moves to the next list.")),
    Action("settings.key", "c", N_("Change a key"), N_("Gives an action another key."), True),
)

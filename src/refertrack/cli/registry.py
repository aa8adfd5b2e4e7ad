"""Which commands there are: their panel, their module and one line of help.

The commands' modules are imported only when a command runs, so that every command starts as fast as the
lightest of them.
"""

from __future__ import annotations

from dataclasses import dataclass

EVERY_DAY = "Every day"
CUSTOMERS = "Customers"
SALES = "Sales and service"
LISTENING = "Listening"
REFERRALS = "Referrals"
IMPROVING = "Improving"
DATA = "Data"
PANELS = (EVERY_DAY, CUSTOMERS, SALES, LISTENING, REFERRALS, IMPROVING, DATA)


@dataclass(frozen=True)
class Entry:
    """A command: ``module`` is under ``refertrack.cli.commands`` and holds a function of the command's name."""

    name: str
    panel: str
    module: str
    words: str
    first: bool = False  # stands on the short help page

    @property
    def function(self) -> str:
        """The function's name: a word of Python gets an underscore behind it."""
        name = self.name.replace("-", "_")
        return f"{name}_" if name in {"import", "help"} else name


COMMANDS: tuple[Entry, ...] = (
    Entry("due", EVERY_DAY, "follow_ups", "Whom to contact today, and why.", first=True),
    Entry("done", EVERY_DAY, "follow_ups", "Close a follow-up; see what comes next.", first=True),
    Entry("today", EVERY_DAY, "today", "The day on one screen: due, to recover, to praise, to ask.", first=True),
    Entry("log", EVERY_DAY, "contacts", "Record a contact: it puts off keep in touch.", first=True),
    Entry("snooze", EVERY_DAY, "follow_ups", "Move an item to a later day."),
    Entry("skip", EVERY_DAY, "follow_ups", "Close an item that will not be done, and say why."),
    Entry("spread", EVERY_DAY, "follow_ups", "Spread what is overdue over the coming working days."),
    Entry("draft", EVERY_DAY, "drafting", "The letter for a follow-up.", first=True),
    Entry("add-customer", CUSTOMERS, "customers", "Add a customer.", first=True),
    Entry("customers", CUSTOMERS, "customers", "List and search customers.", first=True),
    Entry("customer", CUSTOMERS, "customers", "A customer's card: what was, and what is due.", first=True),
    Entry("edit-customer", CUSTOMERS, "editing", "Correct what is known of a customer."),
    Entry("tags", CUSTOMERS, "editing", "Which tags there are, and how many customers carry each."),
    Entry("merge-customers", CUSTOMERS, "merging", "Make two customers one; undo splits them again."),
    Entry("export-customer", CUSTOMERS, "privacy", "All that is kept on a person, as JSON."),
    Entry("forget-customer", CUSTOMERS, "privacy", "Erase a person everywhere, in the history too."),
    Entry("opt-out", CUSTOMERS, "contacts", "Record what a customer does not want to get."),
    Entry("add-purchase", SALES, "sales", "Record a purchase.", first=True),
    Entry("return-purchase", SALES, "sales", "Record that a purchase came back, or was cancelled."),
    Entry("deliver", SALES, "sales", "Record that a purchase was delivered.", first=True),
    Entry("promise", SALES, "products", "Before you promise: how often so many days were kept. Or give a new day."),
    Entry("add-product", SALES, "products", "Add a product: how long it lasts, and what it guarantees."),
    Entry("edit-product", SALES, "products", "Correct a product; open reminders follow its lifetime."),
    Entry("products", SALES, "products", "The products: how they were delivered, and how long they last."),
    Entry("announce", SALES, "products", "Tell the owners of a product what is new; opt-outs are kept."),
    Entry("add-opportunity", SALES, "opportunities", "Note what is in a customer's way: Issue, Impact, Importance."),
    Entry("opportunities", SALES, "opportunities", "What is in customers' way, the most important first."),
    Entry("close-opportunity", SALES, "opportunities", "Close an opportunity as won or lost."),
    Entry("ready", REFERRALS, "ready", "Whom to ask for a referral, whom not yet, and why.", first=True),
    Entry("survey", LISTENING, "surveying", "Ask a customer how we did.", first=True),
    Entry("questions", LISTENING, "surveying", "The survey's questions; change them."),
    Entry("compliment", LISTENING, "feedback", "Record a customer's kind words."),
    Entry("complain", LISTENING, "feedback", "Record a complaint; answer it today.", first=True),
    Entry("claim", LISTENING, "feedback", "Record a claim under guarantee."),
    Entry("idea", LISTENING, "feedback", "Record an idea: a customer's, ours, the staff's."),
    Entry("gap", LISTENING, "feedback", "Record what a customer wants, and how we do."),
    Entry("remarkable", LISTENING, "feedback", "Record something that somebody did remarkably well."),
    Entry("feedback", LISTENING, "feedback", "What customers and staff have said."),
    Entry("acknowledge", LISTENING, "feedback", "Note that a customer was answered."),
    Entry("resolve", LISTENING, "feedback", "Note what was done about it."),
    Entry("confirm", LISTENING, "feedback", "Note whether it is right now."),
    Entry("ask", REFERRALS, "asking", "Record a SMART request for a referral.", first=True),
    Entry("answer", REFERRALS, "answering", "Record what a customer answered to an ask.", first=True),
    Entry("asks", REFERRALS, "answering", "List whom you asked, and what came of it."),
    Entry("reasons", REFERRALS, "answering", "Why customers do not refer: the list, with counts."),
    Entry("recommended", REFERRALS, "answering", "Record that a customer says they recommended you."),
    Entry("refer", REFERRALS, "referrals", "Record that a customer referred somebody.", first=True),
    Entry("referrals", REFERRALS, "referral_list", "List the people referred to you, and what became of them."),
    Entry("contacted", REFERRALS, "referrals", "Record that you spoke with a person referred."),
    Entry("qualify", REFERRALS, "referrals", "Note that a person referred is somebody whom you can help."),
    Entry("won", REFERRALS, "referrals", "Win a referral: the person referred is a customer now."),
    Entry("lost", REFERRALS, "referrals", "Close a referral that did not become a customer."),
    Entry("disqualify", REFERRALS, "referrals", "Close a referral that does not count."),
    Entry("reopen", REFERRALS, "referrals", "Open a referral again that had come to its end."),
    Entry("reverse", REFERRALS, "referrals", "Take back a win: the order was cancelled."),
    Entry("edit-referral", REFERRALS, "referrals", "Correct what is known of a person referred."),
    Entry("network", REFERRALS, "referral_list", "The tree of who brought whom, and what they bought."),
    Entry("rewards", REFERRALS, "rewarding", "What referrals have earned, and what is still owed."),
    Entry("approve", REFERRALS, "rewarding", "Approve rewards, or refuse them."),
    Entry("give", REFERRALS, "rewarding", "Record that rewards were given."),
    Entry("incentives", REFERRALS, "rewarding", "What a referral earns: the rules, in words."),
    Entry("set-incentive", REFERRALS, "rewarding", "Say what a referral earns."),
    Entry("add-spend", IMPROVING, "spending", "Record what was spent on winning or keeping customers."),
    Entry("spend", IMPROVING, "spending", "What was spent, by month and channel."),
    Entry("report", IMPROVING, "reporting", "Who refers, who does not: by group, with honest uncertainty.", first=True),
    Entry("add-action", IMPROVING, "improving", "Record what the staff will do better, and its measure."),
    Entry("finish-action", IMPROVING, "improving", "Close an action: did it move the figure?"),
    Entry("actions", IMPROVING, "improving", "What the staff is improving, and why."),
    Entry("agenda", IMPROVING, "improving", "The staff meeting's page."),
    Entry("import", DATA, "importing", "Read customers, purchases, referrals and more from a file.", first=True),
    Entry("demo", DATA, "demo", "Look around in a sample business, in a database of its own.", first=True),
    Entry("config", DATA, "settings", "Settings: see each with where it comes from, get, set and unset them."),
    Entry("playbooks", DATA, "documents", "What happens after something happened; change it."),
    Entry("segments", DATA, "documents", "Customer groups and their intervals; change them."),
    Entry("init", DATA, "beginning", "Set up your business, step by step.", first=True),
    Entry("backup", DATA, "safety", "Copy the database to a safe place."),
    Entry("restore", DATA, "safety", "Put a backup in the place of the database; what it replaces is kept."),
    Entry("check", DATA, "safety", "See whether the database is whole and keeps its own rules."),
    Entry("templates", DATA, "templates", "The letters: their fields and text, your own copies, and what is wrong."),
    Entry("history", DATA, "journal", "What was changed, when, and by whom."),
    Entry("undo", DATA, "journal", "Take back the last command, or any other.", first=True),
    Entry("help", DATA, "help", "Help on all, on one command, or on a topic such as dates."),
)
BY_NAME = {entry.name: entry for entry in COMMANDS}

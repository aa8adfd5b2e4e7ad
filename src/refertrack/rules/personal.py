"""Which columns tell something of a person: what erasing clears, and what it keeps.

Every column that holds text stands in one of the two lists; ``tests/rules/test_personal.py`` sees to it.
"""

from __future__ import annotations

import re

_OUTSIDE = ("external_source", "external_id")
_KEYS = ("name_key", "company_key", "email_key", "phone_key")

# Cleared in the rows of a person who is erased.
PERSONAL: dict[str, tuple[str, ...]] = {
    "ask": ("specific", "realistic", "anyway_reason", "reason_words", *_OUTSIDE),
    "customer": (
        "name", "company", "email", "phone", "source", "city", "country", "language", "preferred_channel", "notes",
        *_OUTSIDE, *_KEYS,
    ),
    "feedback": ("words", "resolution"),
    "follow_up": ("because", "outcome", "reason"),
    "opportunity": ("issue", "impact"),
    "opt_out": ("source",),
    "purchase": ("description", *_OUTSIDE),
    "recommendation": ("whom",),
    "referral": ("relation", "reason", "override_reason"),
    "referral_event": ("reason",),
    "reward": ("reason",),
    "survey": (
        "token", "most_important", "why_us", "improve", "comment", "recommended_whom", *_OUTSIDE,
    ),
    "touch": ("note",),
}  # fmt: skip
# Cleared in referrals of a person who is erased: it is they who were referred.
REFERRED = (
    "name", "company", "email", "phone", "name_key", "email_key", "phone_key", *PERSONAL["referral"], *_OUTSIDE,
)  # fmt: skip

# Text that is kept: words of the trade, of the business and of its staff. Rows of tables that are not named
# here belong to nobody.
KEPT: dict[str, tuple[str, ...]] = {
    "action": ("title", "because", "segment", "owner", "staff_incentive", "measure", "before", "after"),
    "ask": ("attainable", "incentive", "channel", "state", "language"),
    "customer": ("segment", "owner", "status"),
    "customer_status": ("status",),
    "customer_tag": (),
    "feedback": ("kind", "origin", "process", "currency", "owner", "praised"),
    "follow_up": (
        "playbook", "step", "purpose", "channel", "template", "what", "waits", "state", "owner",
    ),
    "follow_up_anchor": ("playbook", "step", "anchor_table"),
    "opportunity": ("currency", "state"),
    "opt_out": ("channel", "purpose"),
    "purchase": ("currency", "status"),
    "recommendation": ("source",),
    "referral": ("consent", "state"),
    "referral_event": ("from_state", "to_state", "author"),
    "reward": ("beneficiary", "rule", "rule_copy", "line", "kind", "currency", "words", "state"),
    "survey": ("taken_by",),
    "survey_answer": ("question",),
    "touch": ("channel", "direction", "kind"),
}  # fmt: skip

# Text in which somebody else may have been named: there the name is blotted out, and the rest stays.
MENTIONS: dict[str, tuple[str, ...]] = {
    "action": ("title", "because", "before", "after"),
    "ask": ("specific", "realistic", "anyway_reason", "reason_words"),
    "customer": ("notes", "source"),
    "feedback": ("words", "resolution"),
    "follow_up": ("what", "because", "outcome", "reason"),
    "import_batch": ("file_name",),
    "opportunity": ("issue", "impact"),
    "opt_out": ("source",),
    "purchase": ("description",),
    "recommendation": ("whom",),
    "referral": ("relation", "reason", "override_reason"),
    "referral_event": ("reason",),
    "reward": ("words", "reason"),
    "survey": ("most_important", "why_us", "improve", "comment", "recommended_whom"),
    "touch": ("note",),
}
BLOT = "(erased)"


def pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds any of some names, addresses or numbers as whole words; None where there are none."""
    longest_first = sorted({word for word in words if word.strip()}, key=len, reverse=True)
    if not longest_first:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)

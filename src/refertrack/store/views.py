"""The read model: views that the everyday commands and other programs read.

Their names and columns are stable between releases (``docs/data-model.md`` lists them). ``due_item`` is a
plain join whose left side fixes the planner's order, without expressions, so that the first fifty of
millions of items come in index order.
"""

from __future__ import annotations

VIEWS: dict[str, str] = {
    "due_item": """
        SELECT f.id, f.due_on, f.priority, f.what, f.because, f.waits, f.channel, f.purpose, f.template,
               f.playbook, f.step, f.owner, f.nominal_due, f.ends_on, f.moved, f.attempts, f.customer_id,
               c.name AS customer, c.company, c.segment, c.email, c.phone
        FROM follow_up AS f CROSS JOIN customer AS c
        WHERE f.state = 'open' AND c.id = f.customer_id
    """,
    "customer_card": """
        SELECT id, name, company, email, phone, segment, owner, source, city, country, language,
               preferred_channel, joined_on, status, keep_in_touch_days, notes, external_source, external_id,
               name_key, company_key, email_key, phone_key, merged_into, version
        FROM customer WHERE status <> 'erased' AND merged_into IS NULL
    """,
    "purchase_line": """
        SELECT p.id, p.customer_id, p.ordered_on, p.promised_on, p.delivered_on, p.guarantee_until, p.status,
               p.quantity, p.amount_minor, p.list_amount_minor, p.currency, p.description, p.external_source,
               p.external_id, p.product_id, p.ended_on, r.name AS product
        FROM purchase AS p LEFT JOIN product AS r ON r.id = p.product_id
    """,
    "referral_line": """
        SELECT r.id, r.referrer_id, r.ask_id, r.name, r.company, r.email, r.phone, r.received_on, r.relation,
               r.consent, r.may_tell_referrer, r.would_have_come_anyway, r.state, r.moved_on, r.reason,
               r.override_reason, r.customer_id, r.first_claim_id, c.name AS referrer
        FROM referral AS r CROSS JOIN customer AS c WHERE c.id = r.referrer_id
    """,
    "ask_line": """
        SELECT a.id, a.customer_id, a.asked_on, a.sent_on, a.specific, a.measurable, a.attainable, a.realistic,
               a.time_specific, a.incentive, a.anyway_reason, a.channel, a.language, a.state, a.answered_on,
               a.reason_id, a.reason_words, a.promised_on, c.name AS customer
        FROM ask AS a CROSS JOIN customer AS c WHERE c.id = a.customer_id
    """,
    "reward_line": """
        SELECT w.id, w.referral_id, w.customer_id, w.beneficiary, w.rule, w.line, w.kind, w.amount_minor,
               w.currency, w.words, w.state, w.accrued_on, w.hold_until, w.valid_until, w.approved_on,
               w.given_on, w.ended_on, w.reason, w.rule_copy, c.name AS customer, r.name AS referred
        FROM reward AS w CROSS JOIN customer AS c CROSS JOIN referral AS r
        WHERE c.id = w.customer_id AND r.id = w.referral_id
    """,
    "action_line": """
        SELECT a.id, a.title, a.because, a.reason_id, r.words AS reason, a.feedback_id, f.words AS said, a.segment,
               a.owner, a.staff_incentive, a.added_on, a.due_on, a.done_on, a.measure, a.before, a.after
        FROM action AS a LEFT JOIN reason AS r ON r.id = a.reason_id LEFT JOIN feedback AS f ON f.id = a.feedback_id
    """,
    "feedback_line": """
        SELECT f.id, f.kind, f.origin, f.on_day, f.customer_id, c.name AS customer, c.company, c.segment, f.words,
               f.process, f.severity, f.importance, f.performance, f.cost_minor, f.currency, f.owner, f.praised,
               f.purchase_id, r.name AS product, f.survey_id, f.acknowledged_on, f.resolved_on, f.resolution,
               f.confirmed_on
        FROM feedback AS f LEFT JOIN customer AS c ON c.id = f.customer_id
        LEFT JOIN purchase AS p ON p.id = f.purchase_id LEFT JOIN product AS r ON r.id = p.product_id
    """,
}


def create_statements() -> list[str]:
    """Return the statements that create every view."""
    return [f"CREATE VIEW {name} AS {' '.join(body.split())}" for name, body in VIEWS.items()]


def drop_statements() -> list[str]:
    """Return the statements that drop every view, last made first."""
    return [f"DROP VIEW IF EXISTS {name}" for name in reversed(VIEWS)]

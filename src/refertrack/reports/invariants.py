"""What always holds in a database: each rule with its words, the statement that finds what breaks it, and a hint.

The program keeps these by itself; they are broken by other programs that write, by hand, or by a mistake.
"""

from __future__ import annotations

_LOST = "(a.anchor_table = '{0}' AND NOT EXISTS (SELECT 1 FROM {0} AS t WHERE t.id = a.anchor_id))"
_ANCHORS = ("ask", "customer", "feedback", "purchase", "referral", "reward", "survey", "touch")

# name, words, the statement that gives the ids of what is wrong, what to type
INVARIANTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "purchase_days",
        "purchases were promised or delivered before they were ordered",
        "SELECT id FROM purchase WHERE promised_on < ordered_on OR delivered_on < ordered_on",
        "refertrack history, or correct them: refertrack customer CUSTOMER",
    ),
    (
        "purchase_states",
        "purchases are delivered without a day, or have a day and are not delivered",
        "SELECT id FROM purchase WHERE (status = 'delivered') <> (delivered_on IS NOT NULL)"
        " AND status IN ('ordered', 'delivered')",
        "refertrack deliver CUSTOMER --purchase ID --on DAY",
    ),
    (
        "item_states",
        "closed items have no day, or open ones have one",
        "SELECT id FROM follow_up WHERE (state IN ('open', 'held')) = (closed_on IS NOT NULL)",
        "refertrack history",
    ),
    (
        "item_anchors",
        "items hang on nothing",
        "SELECT f.id FROM follow_up AS f LEFT JOIN follow_up_anchor AS a ON a.follow_up_id = f.id WHERE a.id IS NULL"
        " AND f.playbook NOT IN ('keep_in_touch', 'lost_touch')",
        "refertrack history",
    ),
    (
        "referral_customers",
        "referrals are won without a customer",
        "SELECT id FROM referral WHERE state = 'won' AND customer_id IS NULL",
        "refertrack history",
    ),
    (
        "referral_events",
        "referrals are in another state than their last event says",
        "SELECT r.id FROM referral AS r JOIN referral_event AS e ON e.referral_id = r.id"
        " WHERE e.to_state <> r.state"
        " AND e.id = (SELECT max(l.id) FROM referral_event AS l WHERE l.referral_id = r.id)",
        "refertrack history",
    ),
    (
        "own_referrals",
        "customers referred themselves",
        "SELECT id FROM referral WHERE customer_id = referrer_id",
        "refertrack customer CUSTOMER",
    ),
    (
        "ask_days",
        "asks were sent or answered before they were made",
        "SELECT id FROM ask WHERE sent_on < asked_on OR answered_on < asked_on",
        "refertrack history",
    ),
    (
        "customer_states",
        "customers have another status than their last change says",
        "SELECT c.id FROM customer AS c WHERE c.merged_into IS NULL AND c.status <> (SELECT s.status"
        " FROM customer_status AS s WHERE s.customer_id = c.id ORDER BY s.since DESC, s.id DESC LIMIT 1)",
        "refertrack edit-customer CUSTOMER --status …",
    ),
    (
        "customers_without_state",
        "customers have no status on record",
        "SELECT c.id FROM customer AS c LEFT JOIN customer_status AS s ON s.customer_id = c.id"
        " WHERE s.id IS NULL AND c.merged_into IS NULL",
        "refertrack history",
    ),
    (
        "journal_gaps",
        "commands of the history are gone",
        "SELECT c.id FROM command AS c WHERE c.id > 1 AND NOT EXISTS"
        " (SELECT 1 FROM command AS b WHERE b.id = c.id - 1)",
        "refertrack restore",
    ),
    (
        "journal_empty",
        "commands of the history changed nothing",
        "SELECT c.id FROM command AS c LEFT JOIN change AS h ON h.command_id = c.id WHERE h.id IS NULL",
        "refertrack restore",
    ),
    (
        "doubled_items",
        "items to keep in touch, or steps of lost touch, stand twice for one customer",
        "SELECT min(id) FROM follow_up WHERE playbook IN ('keep_in_touch', 'lost_touch') AND state IN ('open', 'held')"
        " GROUP BY customer_id, playbook, step HAVING count(*) > 1",
        "refertrack due --customer ID, then: refertrack skip ID --reason double",
    ),
    (
        "items_of_nobody",
        "open items belong to customers who were erased or are part of another",
        "SELECT f.id FROM follow_up AS f JOIN customer AS c ON c.id = f.customer_id"
        " WHERE f.state IN ('open', 'held') AND (c.status = 'erased' OR c.merged_into IS NOT NULL)",
        "refertrack skip ID --reason gone",
    ),
    (
        "items_past_opt_outs",
        "open items stand though the customer has opted out",
        "SELECT DISTINCT f.id FROM opt_out AS o JOIN follow_up AS f ON f.customer_id = o.customer_id"
        " WHERE f.state IN ('open', 'held') AND o.channel IN ('any', f.channel) AND f.purpose <> 'internal'"
        " AND (o.purpose IN ('any', f.purpose) OR (o.purpose = 'service' AND f.purpose = 'contact'))",
        'refertrack skip ID --reason "opted out"',
    ),
    (
        "lost_anchors",
        "items hang on something that is not there",
        "SELECT a.follow_up_id FROM follow_up_anchor AS a WHERE " + " OR ".join(map(_LOST.format, _ANCHORS)),  # noqa: S608
        "refertrack history",
    ),
    (
        "merged_chains",
        "customers are part of one who is part of another, or of themselves",
        "SELECT c.id FROM customer AS c JOIN customer AS m ON m.id = c.merged_into"
        " WHERE m.merged_into IS NOT NULL OR m.id = c.id",
        "refertrack history --command merge-customers",
    ),
    (
        "rows_of_merged",
        "customers who are part of another have purchases, contacts or referrals of their own",
        "SELECT id FROM customer AS c WHERE merged_into IS NOT NULL AND (EXISTS"
        " (SELECT 1 FROM purchase AS p WHERE p.customer_id = c.id) OR EXISTS"
        " (SELECT 1 FROM touch AS t WHERE t.customer_id = c.id) OR EXISTS"
        " (SELECT 1 FROM referral AS r WHERE r.referrer_id = c.id))",
        "refertrack history --command merge-customers",
    ),
    (
        "traces_of_erased",
        "customers who were erased have a name, an address or a number",
        "SELECT id FROM customer WHERE status = 'erased'"
        " AND (name <> '' OR email <> '' OR phone <> '' OR notes <> '' OR company <> '')",
        "refertrack forget-customer ID --purge-backups",
    ),
    (
        "survey_scores",
        "surveys name another lowest answer than was given",
        "SELECT s.id FROM survey AS s WHERE s.lowest IS NOT NULL"
        " AND s.lowest <> (SELECT min(a.score) FROM survey_answer AS a WHERE a.survey_id = s.id)",
        "refertrack history",
    ),
    (
        "survey_days",
        "surveys were answered before the invitation",
        "SELECT id FROM survey WHERE answered_on < invited_on",
        "refertrack history",
    ),
    (
        "feedback_days",
        "feedback was answered, put right or confirmed before it was said, or confirmed before it was put right",
        "SELECT id FROM feedback WHERE acknowledged_on < on_day OR resolved_on < on_day OR confirmed_on < resolved_on"
        " OR (confirmed_on IS NOT NULL AND resolved_on IS NULL AND kind IN ('complaint', 'claim'))",
        "refertrack history",
    ),
    (
        "reward_states",
        "rewards were given or ended without a day",
        "SELECT id FROM reward WHERE (state = 'given' AND given_on IS NULL)"
        " OR (state IN ('voided', 'clawed_back') AND ended_on IS NULL)",
        "refertrack rewards",
    ),
    (
        "reward_amounts",
        "rewards are less than nothing, or clawed back more than nothing",
        "SELECT id FROM reward WHERE (line = 'reward' AND amount_minor < 0)"
        " OR (line = 'claw_back' AND amount_minor > 0)",
        "refertrack rewards",
    ),
    (
        "reward_claims",
        "rewards stand for referrals that were disqualified",
        "SELECT w.id FROM reward AS w JOIN referral AS r ON r.id = w.referral_id"
        " WHERE w.state IN ('accrued', 'held', 'approved') AND r.state IN ('disqualified', 'reversed')",
        "refertrack rewards",
    ),
    (
        "ask_states",
        "asks wait for an answer and were never sent",
        "SELECT id FROM ask WHERE state = 'sent' AND sent_on IS NULL",
        "refertrack asks",
    ),
    (
        "import_counts",
        "files that were read in do not add up: rows are missing",
        "SELECT id FROM import_batch WHERE rows_read <> rows_added + rows_updated + rows_unchanged + rows_rejected",
        "refertrack history --command import",
    ),
    (
        "unpaired_undos",
        "commands of the history are said to be taken back by one that took back another",
        "SELECT c.id FROM command AS c JOIN command AS u ON u.id = c.undone_by_id WHERE u.undoes_id <> c.id",
        "refertrack restore",
    ),
)

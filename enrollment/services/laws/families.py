"""Laws of what belongs together: moves, siblings, consents, links and messages."""

from django.utils.translation import gettext_lazy as _

from enrollment.services.laws.law import ERASED, Law

LAWS = (
    # What was moved is over before its successor, and goes first. Of who is erased, what was attended stays.
    Law(
        "moved_to_one_successor",
        _("改期的预约正好有一个接替的；接替的都来自改期"),
        f"""
        SELECT b.id FROM enrollment_trialbooking b WHERE b.state = 'rescheduled'
            AND NOT (b.guardian_id IN {ERASED})
            AND (SELECT count(*) FROM enrollment_trialbooking n WHERE n.rescheduled_from_id = b.id) <> 1
        UNION ALL
        SELECT n.id FROM enrollment_trialbooking n
            JOIN enrollment_trialbooking b ON b.id = n.rescheduled_from_id
        WHERE b.state <> 'rescheduled'
        """,  # noqa: S608  ours
    ),
    Law(
        "moves_go_to_another_class",
        _("改期是同一家人换一节课"),
        """
        SELECT n.id FROM enrollment_trialbooking n
            JOIN enrollment_trialbooking b ON b.id = n.rescheduled_from_id
        WHERE n.session_id IS NOT DISTINCT FROM b.session_id
            OR n.guardian_id IS DISTINCT FROM b.guardian_id
        """,
    ),
    Law(
        "moves_do_not_go_round",
        _("改期一环接一环，不会绕回自己"),
        """
        WITH RECURSIVE chain (id, since) AS (
            SELECT id, rescheduled_from_id FROM enrollment_trialbooking WHERE rescheduled_from_id IS NOT NULL
            UNION
            SELECT chain.id, b.rescheduled_from_id
            FROM chain JOIN enrollment_trialbooking b ON b.id = chain.since
            WHERE b.rescheduled_from_id IS NOT NULL
        )
        SELECT id FROM chain WHERE id = since
        """,
    ),
    # What was moved or let go since is the family's own affair.
    Law(
        "siblings_have_a_place_each",
        _("一起约的孩子是一家人，各占一个位次"),
        """
        SELECT min(id::text) FROM enrollment_trialbooking
        WHERE party_id IS NOT NULL AND state = ANY (%(takes)s)
        GROUP BY party_id
        HAVING count(*) <> count(DISTINCT party_place) OR count(DISTINCT guardian_id) > 1
        """,
    ),
    Law(
        "booked_with_consent",
        _("预约时，用户协议和隐私政策都已同意"),
        f"""
        SELECT DISTINCT b.id FROM enrollment_trialbooking b JOIN (
            SELECT booking_id, min(at) AS at FROM enrollment_bookingevent
            WHERE state IN ('requested', 'booked') GROUP BY booking_id
        ) made ON made.booking_id = b.id
        CROSS JOIN unnest(%(required)s) needed (purpose)
        WHERE NOT (b.guardian_id IN {ERASED}) AND coalesce((
            SELECT c.state FROM consent_consentrecord c
            WHERE c.subject_id = b.guardian_id AND c.purpose = needed.purpose
                AND c.at < made.at + interval '1 minute'
            ORDER BY c.at DESC, c.id DESC LIMIT 1
        ), '') <> 'given'
        """,  # noqa: S608  ours
    ),
    Law(
        "links_are_digests_and_end",
        _("短信里的链接只存摘要，课后一天失效"),
        """
        SELECT link.id FROM enrollment_managelink link
            JOIN enrollment_trialbooking b ON b.id = link.booking_id
            LEFT JOIN enrollment_classsession s ON s.id = b.session_id
        WHERE link.token_hash !~ '^[0-9a-f]{64}$' OR link.expires_at > CASE
            WHEN s.id IS NULL OR EXISTS (
                SELECT FROM enrollment_bookingevent e WHERE e.booking_id = b.id AND e.state = 'requested'
            ) THEN greatest(b.created_at + interval '30 days 1 minute', s.ends_at + interval '1 day')
            WHEN EXISTS (SELECT FROM enrollment_classchange c WHERE c.session_id = s.id) THEN 'infinity'
            ELSE s.ends_at + interval '1 day' END
        """,
    ),
    # Rows of messages go after a while, or with their reader; what staff book they tell by word of mouth.
    Law(
        "every_family_is_told",
        _("约好的家庭，都有一条写好的短信"),
        f"""
        SELECT b.id FROM enrollment_trialbooking b JOIN (
            SELECT booking_id, min(at) AS at FROM enrollment_bookingevent
            WHERE state = 'booked' GROUP BY booking_id
        ) booked ON booked.booking_id = b.id
        WHERE b.channel <> 'staff' AND booked.at > now() - %(messages_kept)s + interval '1 day'
            AND NOT (b.guardian_id IN {ERASED})
            AND NOT EXISTS (
                SELECT FROM messaging_message m
                WHERE m.recipient_kind = 'guardian' AND m.recipient_id = b.guardian_id
                    AND m.purpose = 'trial'
                    AND m.created_at > booked.at - interval '1 minute'
                    AND m.created_at < booked.at + interval '1 minute'
            )
        """,  # noqa: S608  ours
    ),
    Law(
        "one_message_a_matter",
        _("同一件事只写一条短信"),
        """
        SELECT min(id::text) FROM messaging_message WHERE matter IS NOT NULL
        GROUP BY matter HAVING count(*) > 1
        """,
    ),
    Law(
        "one_reminder_of_a_class",
        _("同一次预约、同一个上课时间，每种提醒只发一次"),
        """
        SELECT min(id::text) FROM messaging_message
        WHERE template = ANY (%(reminders)s) AND state IN ('sent', 'unknown')
        GROUP BY template, about_id, about_at HAVING count(*) > 1
        """,
    ),
    # What is on its way out can no longer be called back: a minute is more than that takes.
    Law(
        "reminders_of_what_is_to_come",
        _("提醒都在上课以前发，取消、改期了的预约不再提醒"),
        """
        SELECT m.id FROM messaging_message m LEFT JOIN enrollment_trialbooking b ON b.id = m.about_id
        WHERE m.template = ANY (%(reminders)s) AND m.state IN ('sent', 'unknown')
            AND least(m.about_at, b.closed_at) < m.finished_at - interval '1 minute'
        """,
    ),
)

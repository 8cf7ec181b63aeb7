"""Laws of single bookings: whose they are, where they stand, and how they came there."""

from django.utils.translation import gettext_lazy as _

from enrollment.services.laws.law import ERASED, Law

LAWS = (
    Law(
        "one_trial_of_a_course_a_child",
        _("一个孩子同一门课，只有一次还没上的试听"),
        """
        SELECT min(id::text) FROM enrollment_trialbooking
        WHERE state = ANY (%(active)s) AND lapsed_at IS NULL
            AND child_id IS NOT NULL AND course_id IS NOT NULL
        GROUP BY child_id, course_id HAVING count(*) > 1
        """,
    ),
    Law(
        "one_trial_of_a_course_a_family",
        _("没写孩子的家庭同一门课，只有一次还没上的试听"),
        """
        SELECT min(id::text) FROM enrollment_trialbooking
        WHERE state = ANY (%(active)s) AND lapsed_at IS NULL AND child_id IS NULL
            AND guardian_id IS NOT NULL AND course_id IS NOT NULL
        GROUP BY guardian_id, course_id HAVING count(*) > 1
        """,
    ),
    Law(
        "one_hold_a_number",
        _("一个还没验证的号码，同一个位次只占一个座位"),
        """
        SELECT min(id::text) FROM enrollment_trialbooking WHERE state = 'held' AND phone_index IS NOT NULL
        GROUP BY phone_index, party_place HAVING count(*) > 1
        """,
    ),
    Law(
        "one_booking_a_request",
        _("同一个请求只记成一次预约"),
        """
        SELECT min(id::text) FROM enrollment_trialbooking
        WHERE idempotency_key IS NOT NULL AND guardian_id IS NOT NULL
        GROUP BY guardian_id, idempotency_key HAVING count(*) > 1
        """,
    ),
    Law(
        "seats_are_of_proved_numbers",
        _("约好的座位，都是验证过的号码约的"),
        """
        SELECT id FROM enrollment_trialbooking
        WHERE state <> ALL (%(unproved)s) AND verified_at IS NULL
            OR state <> ALL (%(nobodys)s) AND guardian_id IS NULL
        """,
    ),
    Law(
        "holds_are_for_somebody_and_end",
        _("占位都写着给谁留、留到几点；别的预约都不写"),
        """
        SELECT id FROM enrollment_trialbooking
        WHERE (state = 'held') <> (hold_expires_at IS NOT NULL)
            OR state <> 'held' AND phone_index IS NOT NULL
            OR state = 'held' AND (phone_index IS NULL) = (guardian_id IS NULL)
            OR state = 'held' AND (guardian_id IS NULL) <> (verified_at IS NULL)
        """,
    ),
    Law(
        "what_is_over_has_an_end",
        _("结束了的预约都有结束时间，没结束的都没有"),
        """
        SELECT id FROM enrollment_trialbooking WHERE (state = ANY (%(over)s)) <> (closed_at IS NOT NULL)
        """,
    ),
    Law(
        "bookings_stand_where_their_class_does",
        _("预约上的课程、校区、城市，与它那节课的一样"),
        """
        SELECT b.id FROM enrollment_trialbooking b JOIN enrollment_classsession s ON s.id = b.session_id
            JOIN courses_campus c ON c.id = s.campus_id
        WHERE (b.course_id, b.campus_id, b.city_id) IS DISTINCT FROM (s.course_id, s.campus_id, c.city_id)
        """,
    ),
    Law(
        "seats_are_in_a_class",
        _("占着座位的预约都有课次，等电话的都没有"),
        """
        SELECT id FROM enrollment_trialbooking
        WHERE state <> 'cancelled' AND (state = 'requested') <> (session_id IS NULL)
        """,
    ),
    Law(
        "the_last_step_is_the_state",
        _("每个预约的进展，就是它经过记录里的最后一步"),
        """
        SELECT b.id FROM enrollment_trialbooking b LEFT JOIN (
            SELECT DISTINCT ON (booking_id) booking_id, state
            FROM enrollment_bookingevent ORDER BY booking_id, at DESC, id DESC
        ) last ON last.booking_id = b.id
        WHERE last.state IS DISTINCT FROM b.state
        """,
    ),
    Law(
        "every_step_is_legal",
        _("每个预约都从头开始，每一步都走得通"),
        """
        SELECT DISTINCT booking_id FROM (
            SELECT booking_id, state, lag(state) OVER (PARTITION BY booking_id ORDER BY at, id) AS since
            FROM enrollment_bookingevent
        ) step
        WHERE CASE WHEN since IS NULL THEN state <> ALL (%(beginnings)s)
            ELSE since || '>' || state <> ALL (%(steps)s) END
        """,
    ),
    # Whose times were changed since is judged by what was true then, which the class no longer says.
    Law(
        "booked_while_the_class_was_open",
        _("家长的预约，都在那节课接受预约的时间里"),
        """
        SELECT b.id FROM enrollment_trialbooking b JOIN enrollment_classsession s ON s.id = b.session_id
        WHERE b.channel <> 'staff' AND s.changed_at < b.created_at
            AND NOT EXISTS (
                SELECT FROM enrollment_bookingevent e WHERE e.booking_id = b.id AND e.state = 'requested'
            )
            AND (b.created_at < s.booking_opens_at - interval '10 seconds'
                OR b.created_at > s.booking_closes_at + interval '10 seconds')
        """,
    ),
    # Judged for a month: later the place in line may be gone, by which an offer is known.
    Law(
        "holds_are_confirmed_in_time",
        _("占位只在到期以前确认成预约"),
        f"""
        SELECT DISTINCT b.id FROM enrollment_trialbooking b
            JOIN enrollment_bookingevent held ON held.booking_id = b.id AND held.state = 'held'
            JOIN enrollment_bookingevent booked ON booked.booking_id = b.id AND booked.state = 'booked'
        WHERE b.waitlist_entry_id IS NULL AND booked.at > held.at + %(hold)s + interval '10 seconds'
            AND booked.at > now() - interval '30 days' AND NOT (b.guardian_id IN {ERASED})
            AND NOT EXISTS (
                SELECT FROM enrollment_bookingevent e WHERE e.booking_id = b.id AND e.state = 'checked_in'
            )
        """,  # noqa: S608  ours
    ),
    Law(
        "absent_from_a_class_begun",
        _("开课以后，才会有人记作没有来"),
        """
        SELECT b.id FROM enrollment_trialbooking b JOIN enrollment_classsession s ON s.id = b.session_id
            JOIN enrollment_bookingevent e ON e.booking_id = b.id AND e.state = 'no_show'
        WHERE e.at < s.starts_at AND s.changed_at < e.at
        """,
    ),
)

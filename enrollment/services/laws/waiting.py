"""Laws of the waiting list: an offer is a seat, and who came first is asked first."""

from django.utils.translation import gettext_lazy as _

from enrollment.services.laws.law import ERASED, Law

LAWS = (
    Law(
        "an_offer_is_a_held_seat",
        _("有座位待确认的候补，正好有一个留着的座位；给候补留的座位，都有人待确认"),
        """
        SELECT e.id FROM enrollment_waitlistentry e LEFT JOIN enrollment_trialbooking b
            ON b.waitlist_entry_id = e.id AND b.state = 'held'
        GROUP BY e.id HAVING count(b.id) <> (e.state = 'offered')::integer
        """,
    ),
    # Judged for a month: later the booking may have been cancelled, and be gone.
    Law(
        "an_accepted_offer_is_a_booking",
        _("候补到的家庭，正好约好了一次"),
        f"""
        SELECT e.id FROM enrollment_waitlistentry e WHERE e.state = 'accepted'
            AND e.closed_at > now() - interval '30 days' AND NOT (e.guardian_id IN {ERASED}) AND (
            SELECT count(DISTINCT b.id) FROM enrollment_trialbooking b
                JOIN enrollment_bookingevent v ON v.booking_id = b.id AND v.state = 'booked'
            WHERE b.waitlist_entry_id = e.id
        ) <> 1
        """,  # noqa: S608  ours
    ),
    Law(
        "choices_follow_their_entry",
        _("候补的每节课，与那条候补的进展一致"),
        """
        SELECT c.id FROM enrollment_waitlistchoice c JOIN enrollment_waitlistentry e ON e.id = c.entry_id
        WHERE c.state NOT IN (e.state, 'lapsed')
            OR (c.guardian_id, c.child_id, c.joined_at)
                IS DISTINCT FROM (e.guardian_id, e.child_id, e.joined_at)
        """,
    ),
    Law(
        "who_waits_waits_for_a_class",
        _("候补中的家庭，至少还等着一节课"),
        """
        SELECT e.id FROM enrollment_waitlistentry e WHERE e.state = 'waiting' AND NOT EXISTS (
            SELECT FROM enrollment_waitlistchoice c WHERE c.entry_id = e.id AND c.state = 'waiting'
        )
        """,
    ),
    Law(
        "one_place_in_a_queue",
        _("一个孩子（没写孩子的，一个家庭）在一节课的候补里只排一次"),
        """
        SELECT min(id::text) FROM enrollment_waitlistchoice WHERE state = ANY (%(waits)s)
        GROUP BY session_id, coalesce(child_id, guardian_id) HAVING count(*) > 1
        """,
    ),
    # Of those who still wait it is certain that they waited then too.
    Law(
        "first_come_first_offered",
        _("有座位先问先来的：没有人越过更早来、还在等的家庭"),
        """
        SELECT b.id FROM enrollment_trialbooking b
            JOIN enrollment_waitlistentry e ON e.id = b.waitlist_entry_id
            JOIN enrollment_waitlistchoice c ON c.session_id = b.session_id AND c.state = 'waiting'
        WHERE (c.joined_at, c.entry_id) < (e.joined_at, e.id)
        """,
    ),
    Law(
        "nobody_passes_the_queue",
        _("有人候补的时候，座位不会直接给后来的人"),
        """
        SELECT DISTINCT b.id FROM enrollment_trialbooking b
            JOIN enrollment_waitlistchoice c ON c.session_id = b.session_id AND c.state = 'waiting'
        WHERE b.waitlist_entry_id IS NULL AND b.channel <> 'staff'
            AND b.created_at > c.joined_at + interval '5 seconds'
        """,
    ),
)

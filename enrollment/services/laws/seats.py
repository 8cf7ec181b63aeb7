"""Laws of classes and their seats."""

from django.utils.translation import gettext_lazy as _

from enrollment.services.laws.law import Law

_OVERLAP = """
    SELECT one.id FROM enrollment_classsession one JOIN enrollment_classsession other
        ON other.{what}_id = one.{what}_id AND other.id <> one.id
        AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
    WHERE one.state <> 'cancelled' AND other.state <> 'cancelled'
"""

LAWS = (
    Law(
        "no_class_oversold",
        _("每节课约出去的座位，不多于座位数加允许多收的人数"),
        """
        SELECT s.id FROM enrollment_classsession s JOIN enrollment_trialbooking b ON b.session_id = s.id
        WHERE b.state = ANY (%(takes)s)
        GROUP BY s.id HAVING count(*) > s.capacity + s.overbook_allowance
        """,
    ),
    Law(
        "counters_equal_the_ledger",
        _("课次上记的已约数和未验证占位数，与逐条数出来的一样"),
        """
        SELECT s.id FROM enrollment_classsession s LEFT JOIN (
            SELECT session_id, count(*) FILTER (WHERE state = ANY (%(takes)s)) AS seats,
                count(*) FILTER (WHERE state = 'held' AND verified_at IS NULL) AS unverified
            FROM enrollment_trialbooking GROUP BY session_id
        ) counted ON counted.session_id = s.id
        WHERE (s.seats_taken, s.unverified_taken)
            <> (coalesce(counted.seats, 0), coalesce(counted.unverified, 0))
        """,
    ),
    Law(
        "unproved_holds_within_the_cap",
        _("还没验证的号码占的座位，不超过那节课的上限"),
        """
        SELECT s.id FROM enrollment_classsession s JOIN enrollment_trialbooking b ON b.session_id = s.id
        WHERE b.state = 'held' AND b.verified_at IS NULL
        GROUP BY s.id HAVING count(*) > s.unverified_cap
        """,
    ),
    # A worker ends them within seconds; by now it does not run.
    Law(
        "holds_end_in_time",
        _("占位到期以后，十分钟内一定放开"),
        """
        SELECT id FROM enrollment_trialbooking
        WHERE state = 'held' AND hold_expires_at < now() - interval '10 minutes'
        """,
    ),
    Law("one_class_a_room", _("同一间教室，同一时间只有一节课"), _OVERLAP.format(what="room")),
    Law("one_class_a_teacher", _("同一位老师，同一时间只上一节课"), _OVERLAP.format(what="teacher")),
    Law(
        "classes_in_their_own_rooms",
        _("课次的教室和老师，都是它自己校区的"),
        """
        SELECT s.id FROM enrollment_classsession s JOIN courses_room r ON r.id = s.room_id
            LEFT JOIN courses_teacher t ON t.id = s.teacher_id
        WHERE r.campus_id <> s.campus_id OR t.campus_id <> s.campus_id
        """,
    ),
    Law(
        "dates_of_shanghai",
        _("课次的日期，是上课那一刻在上海的日期"),
        """
        SELECT id FROM enrollment_classsession
        WHERE local_date <> (starts_at AT TIME ZONE 'Asia/Shanghai')::date
        """,
    ),
    Law(
        "nobody_expected_in_a_class_called_off",
        _("取消了的课次里，没有还在等着上课的预约"),
        """
        SELECT b.id FROM enrollment_trialbooking b JOIN enrollment_classsession s ON s.id = b.session_id
        WHERE s.state = 'cancelled' AND b.state = ANY (%(active)s)
        """,
    ),
)

"""For each law of the ledger, statements that break it, run where nothing refuses them any more."""
# ruff: noqa: S608, ISC004  statements are put together here, and read by nobody else

from kit.uuid7 import uuid7

_BOOKING = "enrollment_trialbooking"
_A_SEAT = f"(SELECT id FROM {_BOOKING} WHERE state = 'booked' AND lapsed_at IS NULL ORDER BY id LIMIT 1)"
_A_HOLD = f"(SELECT id FROM {_BOOKING} WHERE state = 'held' AND phone_index IS NOT NULL LIMIT 1)"
_NEW = str(uuid7())


def _booking(change: str, which: str = _A_SEAT) -> str:
    return f"UPDATE {_BOOKING} SET {change} WHERE id = {which}"


def _session(change: str, having: str) -> str:
    return f"UPDATE enrollment_classsession SET {change} WHERE id = (SELECT id FROM enrollment_classsession WHERE {having} ORDER BY id LIMIT 1)"


def _copy(table: str, which: str, **changed: str) -> str:
    """The row once more, as another one."""
    values = {"id": f"'{uuid7()}'", **changed}
    said = ", ".join(f"'{name}', {value}" for name, value in values.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(old, jsonb_build_object({said}))).* "
        f"FROM {table} old WHERE old.id = {which}"
    )


def _event(state: str, which: str, ago: str = "-1 second") -> str:
    return (
        "INSERT INTO enrollment_bookingevent (id, booking_id, state, at, actor_kind) "
        f"SELECT gen_random_uuid(), {which}, '{state}', now() - interval '{ago}', 'system'"
    )


_MOVED = f"(SELECT id FROM {_BOOKING} WHERE rescheduled_from_id IS NOT NULL LIMIT 1)"
_CHILDS = f"(SELECT id FROM {_BOOKING} WHERE party_place = 1 AND child_id IS NOT NULL LIMIT 1)"
_ENTRY = "(SELECT id FROM enrollment_waitlistentry WHERE state = '{}' ORDER BY id LIMIT 1)"
_WAITED_FOR = (
    f"(SELECT b.id FROM {_BOOKING} b JOIN enrollment_waitlistchoice c ON c.session_id = b.session_id "
    "WHERE c.state = 'waiting' AND b.state = 'booked' LIMIT 1)"
)

PLANTS: dict[str, list[str]] = {
    "no_class_oversold": [
        _session("capacity = 0, overbook_allowance = 0", "seats_taken > 0"),
    ],
    "counters_equal_the_ledger": [_session("seats_taken = seats_taken + 1", "true")],
    "unproved_holds_within_the_cap": [_session("unverified_cap = 0", "unverified_taken > 0")],
    "holds_end_in_time": [_booking("hold_expires_at = now() - interval '11 minutes'", _A_HOLD)],
    "one_class_a_room": [
        "UPDATE enrollment_classsession SET starts_at = now() + interval '9 days', ends_at = now() + interval '10 days',"
        " room_id = (SELECT min(id) FROM courses_room)"
    ],
    "one_class_a_teacher": [
        "UPDATE enrollment_classsession SET starts_at = now() + interval '9 days', ends_at = now() + interval '10 days',"
        " teacher_id = (SELECT id FROM courses_teacher LIMIT 1)"
    ],
    "classes_in_their_own_rooms": [
        "UPDATE enrollment_classsession SET room_id = (SELECT id FROM courses_room"
        " WHERE campus_id <> enrollment_classsession.campus_id LIMIT 1)"
    ],
    "dates_of_shanghai": [
        "ALTER TABLE enrollment_classsession ALTER local_date DROP EXPRESSION",
        "UPDATE enrollment_classsession SET local_date = local_date + 1",
    ],
    "nobody_expected_in_a_class_called_off": [_session("state = 'cancelled'", "unverified_taken > 0")],
    "one_trial_of_a_course_a_child": [_copy(_BOOKING, _CHILDS)],
    "one_trial_of_a_course_a_family": [_copy(_BOOKING, _A_SEAT, child_id="NULL")],
    "one_hold_a_number": [_copy(_BOOKING, _A_HOLD)],
    "one_booking_a_request": [_booking("idempotency_key = 'k'"), _copy(_BOOKING, _A_SEAT)],
    "seats_are_of_proved_numbers": [_booking("verified_at = NULL")],
    "holds_are_for_somebody_and_end": [_booking("hold_expires_at = NULL", _A_HOLD)],
    "what_is_over_has_an_end": [_booking("closed_at = now()")],
    "bookings_stand_where_their_class_does": [_booking("city_id = city_id + 1")],
    "seats_are_in_a_class": [_booking("session_id = NULL")],
    "the_last_step_is_the_state": [_booking("state = 'checked_in'")],
    "every_step_is_legal": [
        _event("attended", _A_SEAT),
        _event("booked", _A_SEAT, "-2 seconds"),
    ],
    "booked_while_the_class_was_open": [
        "UPDATE enrollment_classsession SET booking_closes_at = now() - interval '2 days', changed_at = now() - interval '3 days'"
    ],
    "holds_are_confirmed_in_time": [
        _event("booked", _A_HOLD, "-6 minutes"),
    ],
    "absent_from_a_class_begun": [
        "UPDATE enrollment_classsession SET changed_at = changed_at - interval '1 day'",
        "UPDATE enrollment_bookingevent SET at = at - interval '1 hour' WHERE state = 'no_show'",
    ],
    "moved_to_one_successor": [_booking("state = 'rescheduled'")],
    "moves_go_to_another_class": [
        f"UPDATE {_BOOKING} n SET session_id = b.session_id FROM {_BOOKING} b WHERE b.id = n.rescheduled_from_id"
    ],
    "moves_do_not_go_round": [
        f"UPDATE {_BOOKING} b SET rescheduled_from_id = n.id FROM {_BOOKING} n WHERE b.id = n.rescheduled_from_id"
    ],
    "siblings_have_a_place_each": [f"UPDATE {_BOOKING} SET party_place = 1"],
    "booked_with_consent": ["DELETE FROM consent_consentrecord WHERE purpose = 'privacy'"],
    "links_are_digests_and_end": [
        "UPDATE enrollment_managelink SET expires_at = expires_at + interval '1 hour'"
    ],
    "every_family_is_told": ["DELETE FROM messaging_message"],
    "one_message_a_matter": ["UPDATE messaging_message SET matter = 'm'"],
    "one_reminder_of_a_class": [
        "UPDATE messaging_message SET template = 'reminder_day', state = 'sent', about_id = NULL, about_at = NULL"
    ],
    "reminders_of_what_is_to_come": [
        "UPDATE messaging_message SET state = 'sent', finished_at = now(), about_at = now() - interval '1 day'"
        " WHERE template = 'reminder_day'"
    ],
    "an_offer_is_a_held_seat": [
        f"UPDATE {_BOOKING} SET state = 'expired' WHERE waitlist_entry_id = {_ENTRY.format('offered')}"
    ],
    "an_accepted_offer_is_a_booking": [
        f"UPDATE {_BOOKING} SET waitlist_entry_id = NULL WHERE waitlist_entry_id = {_ENTRY.format('accepted')}"
    ],
    "choices_follow_their_entry": ["UPDATE enrollment_waitlistchoice SET state = 'withdrawn'"],
    "who_waits_waits_for_a_class": ["UPDATE enrollment_waitlistchoice SET state = 'lapsed'"],
    "one_place_in_a_queue": [
        _copy(
            "enrollment_waitlistchoice",
            "(SELECT min(id::text)::uuid FROM enrollment_waitlistchoice WHERE state = 'waiting')",
        )
    ],
    "first_come_first_offered": [
        # The one with the offer waits again, and another who came later has one.
        f"UPDATE {_BOOKING} b SET session_id = c.session_id FROM enrollment_waitlistchoice c"
        " WHERE b.waitlist_entry_id IS NOT NULL AND c.state = 'waiting'"
    ],
    "nobody_passes_the_queue": [_booking("created_at = now() + interval '1 minute'", _WAITED_FOR)],
}

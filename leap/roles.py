"""What each role of the staff may do: the least that its work takes."""

HEAD_OFFICE = "总部"
CAMPUS = "校区员工"
PRIVACY_OFFICER = "隐私专员"
MINORS_OFFICER = "未成年人信息专员"
AUDITOR = "审计"

# Rights by role. Campus staff reach the rows of their campuses alone, whatever stands here: see
# courses.policies. `change_trialbooking` is to work with bookings: check in, and see a number to call it.
# `change_datasubjectrequest` is to work with requests and read their words; `view_datasubjectrequest` is to
# see everybody's, where without it those alone that concern a child: see website.services.request_desk.
# `view_purgerun` opens the board of what goes when, `add_purgerun` lets a purge be tried without deleting;
# of erasures the board shows those whose requests somebody may see.
ROLES: dict[str, tuple[str, ...]] = {
    HEAD_OFFICE: (
        "courses.all_campuses",
        "courses.view_*",
        *("courses.add_programme", "courses.change_programme"),
        *("courses.add_sellingpoint", "courses.change_sellingpoint", "courses.delete_sellingpoint"),
        *("courses.add_course", "courses.change_course", "courses.change_city"),
        *("courses.add_campus", "courses.change_campus", "courses.add_room", "courses.change_room"),
        *("courses.add_teacher", "courses.change_teacher"),
        *("courses.add_campusmembership", "courses.delete_campusmembership"),
        *("enrollment.view_classsession", "enrollment.add_classsession", "enrollment.change_classsession"),
        *("enrollment.view_trialbooking", "enrollment.change_trialbooking", "enrollment.view_waitlistentry"),
        "enrollment.view_classchange",
        *("enrollment.view_teacherfeed", "enrollment.add_teacherfeed", "enrollment.delete_teacherfeed"),
        "enrollment.view_ledgerproof",
        *("consent.view_operatordata", "consent.change_operatordata"),
        *("website.view_*", "website.change_*", "website.add_*", "website.delete_*"),
    ),
    CAMPUS: (
        *("courses.view_campus", "courses.view_room", "courses.view_teacher"),
        *("enrollment.view_classsession", "enrollment.add_classsession", "enrollment.change_classsession"),
        *("enrollment.view_trialbooking", "enrollment.change_trialbooking", "enrollment.view_waitlistentry"),
        "enrollment.view_classchange",
        *("enrollment.view_teacherfeed", "enrollment.add_teacherfeed", "enrollment.delete_teacherfeed"),
    ),
    PRIVACY_OFFICER: (
        *("consent.view_consentnotice", "consent.view_consentrecord", "audit.view_auditevent"),
        *("rights.view_datasubjectrequest", "rights.change_datasubjectrequest"),
        *("rights.approve_plan", "rights.approve_refusal", "rights.call_excessive", "rights.read_restricted"),
        *("erasure.approve_erasure", "erasure.read_remainder"),
        *("retention.view_purgerun", "retention.add_purgerun", "retention.place_hold"),
    ),
    MINORS_OFFICER: (
        *("consent.view_consentnotice", "consent.view_consentrecord"),
        *("rights.change_datasubjectrequest", "rights.approve_plan", "rights.approve_refusal"),
        *("erasure.approve_erasure", "retention.view_purgerun"),
    ),
    AUDITOR: (
        *("audit.view_auditevent", "enrollment.view_ledgerproof", "rights.view_datasubjectrequest"),
        "retention.view_purgerun",
    ),
}

"""What we hold about a person, as that person is told: all of theirs, in words, and nothing of anybody else."""

import ast
import json
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User, VerificationCode
from accounts.services.children import withdraw
from enrollment.models import ManageLink
from kit.uuid7 import uuid7
from messaging.models import Message
from messaging.telling import as_sent
from messaging.texts import TEXTS
from privacy.actors import ANONYMOUS, SYSTEM, Actor
from privacy.audit.deeds import DEEDS
from privacy.consent.enums import Channel
from privacy.inventory import registry
from privacy.inventory.declarations import Personal
from privacy.inventory.telling import Reader
from privacy.keystore.scope import is_allowed
from privacy.keystore.services import destroy_keys, key_scope, restrict_keys
from privacy.minors.models import GuardianInvitation
from privacy.rights.exceptions import NotTheirs
from privacy.rights.models.telling import HAPPENINGS
from privacy.rights.services.holdings import Area, area_named, areas, counts, excluded, reading, rows, values
from tests.architecture.test_sizes import modules
from tests.children import a_child, an_invitation, joins
from tests.families import a_guardian
from tests.queries import counted
from tests.rights.whole_person import (
    CODE,
    SECRET,
    Whole,
    a_whole_member_of_staff,
    a_whole_person,
    held_and_erased,
    saved,
)
from website.presenters.requests import WHAT

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

Rows = list[dict[str, str]]
INVENTORY = list(registry.inventory())
GIVEN = sorted(declaration.id for _, declaration in INVENTORY if declaration.export)


def told(person: Whole) -> dict[str, Rows]:
    """All that the person is told of themselves and of their children, by area."""
    begun = reading(subject_id=person.guardian.pk, by=person.acting)
    found = {area.name: list(rows(area, reading=begun)) for area in areas()}
    for ward in person.wards.values():
        for area in areas(of_child=True):
            found.setdefault(f"{area.name} of a child", []).extend(rows(area, reading=begun, ward=ward))
    return found


def of_area(person: Whole, name: str) -> Rows:
    begun = reading(subject_id=person.guardian.pk, by=person.acting)
    return list(rows(area_named(name), reading=begun))


def said(found: dict[str, Rows]) -> str:
    return "\n".join(value for area in found.values() for row in area for value in row.values())


@pytest.fixture
def staff() -> User:
    return a_whole_member_of_staff()


@pytest.fixture
def other() -> User:
    """The second guardian of the children."""
    return a_guardian()


@pytest.fixture
def person(staff: User, other: User) -> Whole:
    whole = a_whole_person("甲", staff=staff, other=other)
    held_and_erased(whole)
    return whole


class TestEverything:
    """Of a person who has something on file in every place there is."""

    @pytest.fixture(autouse=True)
    def _made(self, person: Whole, staff: User, other: User) -> None:
        self.person, self.staff, self.other = person, staff, other

    @pytest.mark.clause("L-PP-4.7-1", "X1-6-1", "LAW-19", "X2-5.1")
    def test_each_field_that_is_given_comes_out(self) -> None:
        begun = reading(subject_id=self.staff.pk, by=Actor("staff", self.staff.pk))
        at_work = {area.name: list(rows(area, reading=begun)) for area in areas()}
        found = [row for area in [*told(self.person).values(), *at_work.values()] for row in area]
        filled = {name for row in found for name, value in row.items() if value}
        assert sorted(filled) == GIVEN
        assert {name for area in [*areas(), *areas(of_child=True)] for name in _ids(area)} == set(GIVEN)

    @pytest.mark.clause("L-PP-4.7-1", "LAW-19")
    def test_nothing_of_another_persons_is_among_it(self) -> None:
        stranger = a_whole_person("乙", staff=self.staff, other=self.other)
        own, whole = said(told(self.person)), said(told(stranger))
        for text in stranger.texts:
            assert text in whole  # the control: it is there to be found
            assert text not in own
        for somebody in (self.other, self.staff, stranger.guardian):
            assert str(somebody.pk) not in own
        assert str(self.staff.username) not in own

    def test_nothing_that_opens_something_is_among_it(self) -> None:
        own = said(told(self.person))
        digests = [*ManageLink.objects.values_list("token_hash", flat=True)]
        digests += GuardianInvitation.objects.values_list("token_hash", flat=True)
        assert digests
        for secret in (SECRET, CODE, *digests):
            assert secret not in own
        assert "https://example.com/t/•••/" in own  # the link is told of, what opens it is cut
        for text in Message.objects.filter(subject_id=self.person.guardian.pk):
            for word in text.parameters.split('"'):
                token = word.rstrip("/").rpartition("/t/")[2] if "/t/" in word else ""
                assert not token or token not in own

    @pytest.mark.clause("X2-5.6a", "X1-6-4")
    def test_account_number_phone_registration_and_children_are_there(self) -> None:
        found = told(self.person)
        [account] = found["accounts.user"]
        assert account["user.id"] == str(self.person.guardian.pk)
        made = timezone.localtime(self.person.guardian.created_at)
        assert account["user.created_at"] == f"{made:%Y-%m-%d %H:%M:%S}"
        assert self.person.phone in [row["binding.phone"] for row in found["accounts.phonebinding"]]
        assert [row["child.nickname"] for row in found["minors.child of a child"]] == [*self.person.wards]

    @pytest.mark.clause("LAW-48", "X2-5.1")
    def test_kinds_and_quantity_of_a_childs(self) -> None:
        begun = reading(subject_id=self.person.guardian.pk, by=self.person.acting)
        first, second = self.person.wards.values()
        held = {holding.area.name: holding.count for holding in counts(reading=begun, ward=first)}
        found = {area.name: len(list(rows(area, reading=begun, ward=first))) for area in areas(of_child=True)}
        looks = held.pop("audit.auditevent"), found.pop("audit.auditevent")
        assert looks[0] < looks[1]  # each reading is itself on record
        assert held == {name: count for name, count in found.items() if count}
        assert held["minors.child"] == held["minors.childcorrection"] == 1
        assert held["enrollment.trialbooking"] > 1
        kinds = {holding.area.name: holding.kinds for holding in counts(reading=begun, ward=second)}
        assert kinds["minors.child"] == ["孩子的小名", "孩子的出生年月", "填写时间"]

    def test_it_reads_as_people_speak(self) -> None:
        found = told(self.person)
        [account] = found["accounts.user"]
        assert account["user.is_active"] == "是"
        assert account["user.kind"] == "监护人"
        booked = {row["booking.state"]: row for row in found["enrollment.trialbooking"]}
        assert booked["已约好"]["booking.campus"].startswith("北京·")
        assert booked["已约好"]["booking.guardian"] == "您"
        assert booked["已约好"]["booking.child"] in self.person.wards
        assert {row["request.handled_by"] for row in found["rights.datasubjectrequest"]} == {"工作人员"}
        assert found["rights.correction"][0]["request.correction_field"] == "手机号"
        assert "consent" not in found["consent.consentrecord"][0]["consent.notice"]
        deeds = {row["audit.action"] for row in found["audit.auditevent"]}
        assert "记录了同意" in deeds
        assert not any("." in deed for deed in deeds)  # none by the name it has in the record

    def test_who_is_suspended_keeps_it(self) -> None:
        before = told(self.person)
        User.objects.filter(pk=self.person.guardian.pk).update(is_active=False)
        after = told(self.person)
        assert after["accounts.user"][0]["user.is_active"] == "否"
        assert after["enrollment.trialbooking"] == before["enrollment.trialbooking"]
        assert after["minors.child of a child"] == before["minors.child of a child"]

    def test_who_restricted_the_use_still_reads_all_and_an_officer_nothing_sealed(self) -> None:
        before = told(self.person)
        for subject in (self.person.guardian.pk, *self.person.wards.values()):
            restrict_keys(subject)
        assert told(self.person)["messaging.message"] == before["messaging.message"]
        assert told(self.person)["minors.child of a child"] == before["minors.child of a child"]
        seen = reading(subject_id=self.person.guardian.pk, by=Actor("staff", self.staff.pk))
        numbers = [row["binding.phone"] for row in rows(area_named("accounts.phonebinding"), reading=seen)]
        assert numbers == ["•••", "•••"]

    def test_an_officer_sees_through_the_mask_and_no_child(self) -> None:
        seen = reading(subject_id=self.person.guardian.pk, by=Actor("staff", self.staff.pk))
        own = reading(subject_id=self.person.guardian.pk, by=self.person.acting)
        there = {holding.area.name: holding.count for holding in counts(reading=seen)}
        assert there == {holding.area.name: holding.count for holding in counts(reading=own)}
        text = "\n".join(
            value for area in areas() for row in rows(area, reading=seen) for value in row.values()
        )
        assert f"{self.person.phone[:3]}****{self.person.phone[-4:]}" in text
        assert self.person.phone not in text
        assert not any(name in text for name in self.person.wards)
        ward = next(iter(self.person.wards.values()))
        assert counts(reading=seen, ward=ward)  # how much, and nothing of it
        with pytest.raises(NotTheirs):
            list(rows(area_named("minors.child", of_child=True), reading=seen, ward=ward))

    def test_what_was_sealed_under_a_key_that_is_gone_is_said_to_be_gone(self) -> None:
        destroy_keys(self.person.guardian.pk)
        assert {row["binding.phone"] for row in of_area(self.person, "accounts.phonebinding")} == {
            "（密钥已经销毁，读不出来了）"
        }
        assert all(value != "None" for value in said(told(self.person)).splitlines())


def _ids(area: Area) -> Iterator[str]:
    yield from (field.id for field in area.fields)


@pytest.mark.parametrize(
    "by", [ANONYMOUS, SYSTEM, Actor("guardian", uuid7())], ids=["nobody", "us", "another"]
)
def test_nobody_else_begins_to_read(by: Actor) -> None:
    with pytest.raises(NotTheirs):
        reading(subject_id=a_guardian().pk, by=by)


def test_a_child_is_read_under_the_guardians_own_standing_consent_alone() -> None:
    guardian, second, stranger = a_guardian(), a_guardian(), a_guardian()
    child = a_child(guardian)
    assert joins(second, an_invitation(guardian, child)) == child
    with transaction.atomic():
        withdraw(guardian=guardian, child_id=child, channel=Channel.WEB)
    area = area_named("minors.child", of_child=True)
    for who in (guardian, stranger):
        begun = reading(subject_id=who.pk, by=Actor("guardian", who.pk))
        assert begun.wards == {}
        with pytest.raises(NotTheirs):
            rows(area, reading=begun, ward=child)
        with pytest.raises(NotTheirs):
            counts(reading=begun, ward=child)
    theirs = reading(subject_id=second.pk, by=Actor("guardian", second.pk))
    assert [row["child.nickname"] for row in rows(area, reading=theirs, ward=child)] == ["小豆包"]


def test_the_other_guardian_is_no_more_than_that() -> None:
    guardian, second = a_guardian(), a_guardian()
    child = a_child(guardian)
    joins(second, an_invitation(guardian, child))
    begun = reading(subject_id=second.pk, by=Actor("guardian", second.pk))
    [invited] = rows(area_named("minors.guardianinvitation"), reading=begun)  # by the path of who accepted it
    assert invited["guardian_invitation.invited_by"] == "另一位监护人"
    assert invited["guardian_invitation.accepted_by"] == "您"
    whole = "\n".join(
        value
        for area in areas(of_child=True)
        for row in rows(area, reading=begun, ward=child)
        for value in row.values()
    )
    assert str(guardian.pk) not in whole
    assert "另一位监护人" in whole


@pytest.mark.clause("L-PP-4.5-2.2c")
def test_each_look_is_on_record() -> None:
    guardian = a_guardian()
    child = a_child(guardian)
    person = Whole(guardian=guardian, phone="", mark="")
    begun = reading(subject_id=guardian.pk, by=person.acting)
    list(rows(area_named("minors.child", of_child=True), reading=begun, ward=child))
    looks = [
        row for row in of_area(person, "audit.auditevent") if row["audit.action"] == "查看了我们存有的信息"
    ]
    assert len(looks) == 1  # of_area's own look is one; the child's stands with the child
    of_child = list(rows(area_named("audit.auditevent", of_child=True), reading=begun, ward=child))
    assert {row["audit.action"] for row in of_child} >= {"查看了孩子的信息", "查看了我们存有的信息"}


def test_messages_with_codes_to_ones_number_are_found_though_nobody_was_known() -> None:
    guardian = a_guardian("13800009991")
    person = Whole(guardian=guardian, phone="13800009991", mark="丙")
    stranger = Whole(guardian=a_guardian(), phone="13800009992", mark="丁")
    for who in (person, stranger):
        nobody = uuid4()
        code = saved(
            VerificationCode,
            who,
            subject_id=nobody,
            code=CODE,
            code_mac=b"x",
            expires_at=timezone.now(),
            attempts=1,
        )
        saved(
            Message,
            who,
            template="code",
            parameters=f'{{"code": "{CODE}"}}',
            recipient_kind="code",
            recipient_id=code.pk,
            subject_id=nobody,
            state="sent",
            matter=None,
        )
    [sent] = of_area(person, "messaging.message")
    assert "•••••• 是您的验证码" in sent["message.parameters"]
    assert [row["code.phone"] for row in of_area(person, "accounts.verificationcode")] == [person.phone]


def test_a_page_is_in_memory_at_a_time_and_its_keys_are_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(values, "PAGE", 3)
    person = Whole(guardian=a_guardian(), phone="", mark="戊")
    for number in range(7):
        words = f'{{"reference": "{number}"}}'
        saved(
            Message,
            person,
            template="trial_cancelled",
            parameters=words,
            subject_id=person.guardian.pk,
            state="sent",
            matter=None,
        )
    begun = reading(subject_id=person.guardian.pk, by=person.acting)
    assert begun.wards == {}
    found = rows(area_named("messaging.message"), reading=begun)
    with counted(default=1, keys=1):
        first = next(found)
    assert "预约号0" in first["message.parameters"]
    with counted(default=0, keys=2):
        rest = list(found)
    assert [row["message.parameters"][7] for row in rest] == list("123456")


def test_nothing_set_aside_for_a_page_outlives_it() -> None:
    """Whoever runs between two rows has no more right to restricted keys than before."""
    person = Whole(guardian=a_guardian(), phone="", mark="己")
    restrict_keys(person.guardian.pk)
    begun = reading(subject_id=person.guardian.pk, by=person.acting)
    found = rows(area_named("accounts.phonebinding"), reading=begun)
    with key_scope():
        assert next(found)["binding.phone"].startswith("1380000")
        assert not is_allowed(person.guardian.pk)


def test_rows_come_from_the_connection_that_is_named() -> None:
    person = Whole(guardian=a_guardian(), phone="", mark="庚")
    begun = reading(subject_id=person.guardian.pk, by=person.acting)
    assert begun.wards == {}
    connections["apart"] = apart = connections["default"].copy("apart")
    try:
        with transaction.atomic(using="apart"):
            with apart.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT 1")
            a_later = Whole(guardian=person.guardian, phone="13800009993", mark="庚")
            User.objects.filter(pk=a_later.guardian.pk).update(is_active=False)
            [then] = rows(area_named("accounts.user"), reading=begun, using="apart")
            assert then["user.is_active"] == "是"
        [now] = rows(area_named("accounts.user"), reading=begun)
        assert now["user.is_active"] == "否"
    finally:
        del connections["apart"]
        apart.close()


@pytest.mark.parametrize("pair", INVENTORY, ids=[declaration.id for _, declaration in INVENTORY])
def test_each_field_is_given_or_its_absence_is_explained(pair: tuple[object, Personal]) -> None:
    _, declaration = pair
    given = [field.id for area in [*areas(), *areas(of_child=True)] for field in area.fields]
    reasons = {entry.id: str(entry.reason) for entry in excluded()}
    assert (declaration.id in given) is not (declaration.id in reasons)
    assert declaration.id not in given or not declaration.is_credential
    if declaration.id in reasons:
        assert len(reasons[declaration.id]) >= 10
        assert reasons[declaration.id] != str(declaration.title)


def test_what_is_withheld() -> None:
    assert {entry.id for entry in excluded()} == {
        "audit.detail",
        "audit.target",
        "binding.phone.index",
        "booking.phone_index",
        "child.consent",
        "child.id",
        "code.browser",
        "code.code",
        "code.mac",
        "code.phone.index",
        "erasure.certificate_of",
        "erasure.recipient_of",
        "erasure.request",
        "erasure.rest_of",
        "erasure.step_of",
        "erasure.subject_of",
        "guardian_invitation.token_hash",
        "hold.record_of",
        "hold.row",
        "link.token_hash",
        "message.about",
        "message.leased_until",
        "message.recipient_id",
        "message.recipient_kind",
        "message.sent_to_index",
        "message.template",
        "package.step_as_of",
        "package.step_collected_at",
        "package.step_of",
        "package.step_rows",
        "package.step_written_at",
        "package.password",
        "package.token_hash",
        "request.receipt_hash",
        "session.account",
        "session.data",
        "session.expire_date",
        "session.key",
        "subject_key.created_at",
        "subject_key.destroyed_at",
        "subject_key.state",
        "subject_key.subject",
        "subject_key.wrapped",
        "suppression.number_mac",
        "user.password",
    }


def test_people_read_it_in_the_order_in_which_they_live_it() -> None:
    titles = [str(area.title) for area in areas() if not area.of_staff]
    assert titles[:4] == ["账号", "手机号", "试听预约", "预约经过"]
    assert titles[-1] == "操作记录"
    assert [str(area.title) for area in areas() if area.of_staff] == [
        str(area.title) for area in areas()[len(titles) :]
    ]
    assert len(set(titles)) == len(titles)


def test_every_text_we_send_is_told_without_what_opens_something() -> None:
    reader = Reader(subject=uuid7())
    for name, text in TEXTS.items():
        message = Message(template=name)
        names = {part.split("}")[0] for part in text.body.split("{")[1:]}
        given = dict.fromkeys(names, "词") | {"link": f"https://example.com/t/{SECRET}", "code": CODE}
        read = as_sent(json.dumps({key: given[key] for key in names}), message, reader)
        assert SECRET not in read
        assert CODE not in read


# What staff do to things that are nobody's, or what becomes of documents: no person is told of it.
OF_NOBODY = {"class.seats_set", "class.state_set", "document.published", "teacher_feed.made"}
_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)?\Z")


def written_out(*places: tuple[str, int]) -> set[str]:
    """The names written out in the product at these places of calls: of which function, which argument."""
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                said = [node.args[at] for name, at in places if name == called and len(node.args) > at]
                if called != "add_argument":
                    said += [keyword.value for keyword in node.keywords if keyword.arg == "action"]
                found |= {str(text.value) for text in said if isinstance(text, ast.Constant)}
    return {name for name in found if _NAME.match(name)}


def test_every_deed_has_words_for_whom_it_concerns() -> None:
    deeds = {name for name in written_out(("record", 0), ("record_reads", 0), ("_record", 2)) if "." in name}
    assert len(deeds) > 40
    assert sorted(deeds - DEEDS.keys()) == sorted(OF_NOBODY)


def test_everything_that_happens_to_a_request_has_words_for_both_sides() -> None:
    happened = {name for name in written_out(("happened", 1), ("_end", 2)) if "." not in name}
    assert len(happened) > 15
    assert happened <= HAPPENINGS.keys()
    assert {*HAPPENINGS} <= WHAT.keys()

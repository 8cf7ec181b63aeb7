"""Nobody outside gets anything, or is reachable, who is not registered."""

import pytest

from kit import outbound
from privacy.inventory import registry
from privacy.inventory.checks import findings
from privacy.inventory.declarations import Purpose, Recipient


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "purposes", dict(registry.purposes))
    monkeypatch.setattr(registry, "recipients", dict(registry.recipients))
    monkeypatch.setattr(outbound, "_allowed", set(outbound._allowed))


@pytest.mark.clause("L-PP-4.3-0")
def test_purpose_shared_with_somebody_unknown_is_refused() -> None:
    registry.register_purpose(Purpose("gossip", "闲聊", "无", ("a_friend",)))

    assert [finding.id for finding in findings()] == ["privacy.E015"]

    registry.register_recipient(Recipient("a_friend", "朋友", "partner"))
    assert findings() == []


@pytest.mark.clause("L-PP-4.3-1.4")
def test_hosts_of_a_recipient_can_be_reached_once_it_is_registered() -> None:
    assert "sms.example.com" not in outbound._allowed

    registry.register_recipient(Recipient("vendor", "短信服务商", "processor", hosts=("sms.example.com",)))

    assert "sms.example.com" in outbound._allowed


def test_every_purpose_names_its_recipients_in_words_people_read() -> None:
    named = {title for purpose in registry.purposes.values() for title in registry.recipients_of(purpose)}

    assert named == {"短信服务商", "所选城市的校区"}

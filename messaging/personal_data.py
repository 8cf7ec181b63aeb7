"""Why messages are kept, and for how long."""

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.inventory.declarations import Keep, Purpose, Recipient
from privacy.inventory.enums import KeepReason
from privacy.inventory.registry import register_keep, register_purpose, register_recipient
from privacy.retention.rules import Rule, register_rule

# Without hosts: no vendor is connected yet, so none can be reached.
register_recipient(Recipient("sms_vendor", "短信服务商", "processor"))

register_purpose(
    Purpose(
        "messages",
        "发送验证码和预约通知",
        "履行合同（个人信息保护法第十三条第二项）",
        ("sms_vendor",),
        place=40,
    )
)
register_purpose(
    Purpose(
        "marketing",
        "告诉您有哪些课可以来试听",
        "您的单独同意（个人信息保护法第十三条第一项），随时可以撤回",
        ("sms_vendor",),
        place=90,
    )
)
register_keep(
    Keep(
        "messages",
        "写下后 90 天；验证码短信 24 小时内",
        start="message written",
        floor=timedelta(0),
        ceiling=timedelta(days=90),
        source="隐私政策：短信记录（L-PP-4.1-3b）",
        period=timedelta(days=89),  # and the hours until the night
        reason=KeepReason.TRANSACTION,
    )
)
register_rule(
    Rule(
        name="messages",
        title=_("发过的短信"),
        keep="messages",
        model="messaging.Message",
        since="created_at",
        # Those with codes go with them, within a day.
        which=lambda before: ~Q(recipient_kind="code"),
    )
)

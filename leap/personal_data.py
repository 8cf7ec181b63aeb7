"""Declarations for models that cannot declare themselves: Django's, other packages', the key store's."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, ModelRule, Personal, Purpose
from privacy.inventory.enums import Erase, Grade
from privacy.inventory.registry import declare, declare_model, declare_plain, register_keep, register_purpose

register_purpose(Purpose("signed_in_session", "让你在登录后保持登录", "为订立、履行合同所必需"))
register_purpose(
    Purpose(
        "key_custody", "保管加密个人信息的密钥，删除时销毁密钥", "履行法定义务（个人信息保护法第五十一条）"
    )
)
register_keep(
    Keep(
        "session",
        "登录后三十天，或退出登录时",
        start="signed_in",
        floor=timedelta(),
        ceiling=timedelta(days=30),
        source="隐私政策：Cookie 与登录状态",
    )
)
register_keep(
    Keep(
        "key_custody",
        "直到密钥销毁；销毁记录一直保留，其中只有随机编号",
        start="key_destroyed",
        floor=timedelta(),
        ceiling=None,
        source="个人信息保护法第四十七条：删除须可证明",
    )
)

# Django: names of things, none of a person
declare_plain("contenttypes.ContentType", "id", "app_label", "model", reason="names of tables")
declare_plain("auth.Permission", "id", "name", "content_type", "codename", reason="names of rights")
declare_plain("auth.Group", "id", "name", "permissions", reason="names of roles")
declare_plain("migrations.Migration", "id", "app", "name", "applied", reason="which migrations ran")

# Django: sessions. Whose one is stands inside its data; ending a person's sessions is the accounts' business.
declare_model(
    "sessions.Session", ModelRule(nobody_because="a session finds its person, not the other way round")
)
declare_plain("sessions.Session", "expire_date", reason="a time limit")
declare(
    "sessions.Session",
    "session_key",
    Personal(
        id="session.key",
        category="user.authorization.credentials",
        grade=Grade.THREE,
        why="signed_in_session",
        keep="session",
        erase=Erase.DELETE,
        export=False,
        title="登录状态编号",
        unsealed_because="random, asked for on every request, worthless after thirty days",
    ),
)
declare(
    "sessions.Session",
    "session_data",
    Personal(
        id="session.data",
        category="user.unique_id",
        grade=Grade.TWO,
        why="signed_in_session",
        keep="session",
        erase=Erase.DELETE,
        export=False,
        title="登录状态（账户的随机编号与时间，没有号码）",
    ),
)

# Django's own log of the admin stays empty: privacy.audit records deeds, and the app role cannot write here.
declare_model("admin.LogEntry", ModelRule(app_rights=("SELECT", "DELETE")))
declare_plain(
    "admin.LogEntry",
    *(
        "id",
        "action_time",
        "user",
        "content_type",
        "object_id",
        "object_repr",
        "action_flag",
        "change_message",
    ),
    reason="a table that stays empty",
)

# The key store knows no declarations: it lies below them.
declare_plain(
    "keystore.SubjectKey",
    *("id", "klass", "gen", "kek_epoch", "state", "created_at", "destroyed_at"),
    reason="about a key",
)
declare_model("keystore.SubjectKey", ModelRule(subject="subject"))
declare(
    "keystore.SubjectKey",
    "subject",
    Personal(
        id="subject_key.subject",
        category="user.unique_id",
        grade=Grade.TWO,
        why="key_custody",
        keep="key_custody",
        erase=Erase.KEEP,
        export=False,
        title="个人的随机编号",
    ),
)
declare(
    "keystore.SubjectKey",
    "wrapped",
    Personal(
        id="subject_key.wrapped",
        category="system.operations.key",
        grade=Grade.FOUR,
        why="key_custody",
        keep="key_custody",
        erase=Erase.NULL,
        export=False,
        title="个人信息的密钥（密文）",
        unsealed_because="wrapped under the key of keys, and a key cannot be sealed with itself",
    ),
)

"""Declarations for what cannot declare itself: Django's models, the key store's, stores without tables."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, ModelRule, Personal, Purpose, Store
from privacy.inventory.enums import Erase, Grade, KeepReason
from privacy.inventory.registry import (
    declare,
    declare_model,
    declare_plain,
    register_keep,
    register_purpose,
    register_store,
)
from privacy.retention.rules import Rule, register_rule

register_purpose(
    Purpose(
        "key_custody",
        "保管加密个人信息的密钥，删除时销毁密钥",
        "履行法定义务（个人信息保护法第五十一条）",
        place=90,
    )
)
register_purpose(
    Purpose(
        "protection",
        "防止滥用，查找故障",
        "履行法定义务（网络安全法第二十一条、个人信息保护法第五十一条）",
        place=80,
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
        period=timedelta(),
        reason=KeepReason.STATUTE,
    )
)
register_keep(
    Keep(
        "limits",
        "24 小时内自动消失",
        start="counted",
        floor=timedelta(),
        ceiling=timedelta(hours=24),
        source="隐私政策第 3 条：保护安全",
        period=timedelta(hours=24),
        reason=KeepReason.SAFETY,
    )
)
register_keep(
    Keep(
        "queue",
        "办完即删，最长 24 小时",
        start="queued",
        floor=timedelta(),
        ceiling=timedelta(hours=24),
        source="个人信息保护法第十九条：实现目的所必要的最短时间",
        period=timedelta(hours=24),
        reason=KeepReason.TRANSACTION,
    )
)
register_keep(
    Keep(
        "logs",
        "六个月以上，一年以内",
        start="written",
        floor=timedelta(days=184),  # the longest six months
        ceiling=timedelta(days=366),
        source="网络安全法第二十一条：网络日志不少于六个月",
        period=timedelta(days=365),
        reason=KeepReason.STATUTE,
    )
)

for _rule in (
    Rule(name="redis.limits", title="防滥用的计数", keep="limits", done_by="kit.limiter"),
    Rule(name="redis.queue", title="后台任务的队列", keep="queue", done_by="leap.celery"),
    Rule(name="backups", title="备份", keep="backups", done_by="leap.tasks.back_up"),
    Rule(name="logs", title="日志", keep="logs", done_by="leap.tasks.drop_old_logs"),
    Rule(
        name="keys.destroyed",
        title="销毁了的密钥的记录",
        keep="key_custody",
        model="keystore.SubjectKey",
        since="destroyed_at",
        done_by="privacy.erasure.tasks.sweep",
    ),
):
    register_rule(_rule)
register_keep(
    Keep(
        "backups",
        "最多 14 天，每天由新的替换；密钥的备份最多 7 天",
        start="made",
        floor=timedelta(),
        ceiling=timedelta(days=14),
        source="隐私政策：备份在更新时删除",
        period=timedelta(days=14),
        reason=KeepReason.SAFETY,
    )
)

# Stores that are no tables
register_store(
    Store(
        "redis.limits",
        "防滥用的计数",
        holds="手机号和网络地址的密钥摘要、次数，读不出原文",
        why="protection",
        keep="limits",
    )
)
register_store(
    Store(
        "redis.staff_limits",
        "员工登录试错的计数",
        holds="员工登录名、网络地址的密钥摘要和次数",
        why="staff_access",
        keep="limits",
    )
)
register_store(
    Store(
        "redis.queue",
        "后台任务的队列",
        holds="待发短信、待做的信息副本的随机编号",
        why="messages",
        keep="queue",
        told=False,
    )
)
register_store(
    Store(
        "logs",
        "运行日志",
        holds="时间、页面种类、结果、耗时、请求与任务的随机编号，没有网址、网络地址、号码和验证码",
        why="protection",
        keep="logs",
    )
)
register_store(
    Store(
        "backups",
        "备份",
        holds="以上信息的加密副本，只用来在故障后恢复；已经删除的，恢复后马上重新删除",
        why="protection",
        keep="backups",
    )
)

# Django: names of things, none of a person
declare_plain("contenttypes.ContentType", "id", "app_label", "model", reason="names of tables")
declare_plain("auth.Permission", "id", "name", "content_type", "codename", reason="names of rights")
declare_plain("auth.Group", "id", "name", "permissions", reason="names of roles")
declare_plain("migrations.Migration", "id", "app", "name", "applied", reason="which migrations ran")

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
    *("id", "klass", "gen", "kek_epoch", "kek_set", "burial"),
    reason="about a key",
)
declare_plain(
    "keystore.KeyEpoch",
    *("id", "kek_set", "epoch", "opened_at", "emptied_at", "destroyed_at"),
    reason="about a key of keys",
)
declare_plain(
    "keystore.KeyRotation",
    *("id", "kind", "target", "cursor", "done", "total", "begun_at", "beat_at", "ended_at"),
    reason="how far a rotation is",
)
declare_plain(
    "keystore.Burial",
    *("n", "who", "klass", "at"),
    reason="keyed digests of random ids that nobody has any more",
)
declare_plain("keystore.StepDone", "id", "job_id", "step", "rows", "at", reason="an erasure, not whose")
declare_model("keystore.SubjectKey", ModelRule(subject="subject"))
for _name, _category in (
    ("subject", "user.unique_id"),
    ("state", "system.operations"),
    ("created_at", "system.operations"),
    ("destroyed_at", "system.operations"),
):
    declare(
        "keystore.SubjectKey",
        _name,
        Personal(
            id=f"subject_key.{_name}",
            category=_category,
            grade=Grade.TWO,
            why="key_custody",
            keep="key_custody",
            erase=Erase.DELETE,
            export=False,
            withheld="密钥的保管记录，说的是密钥何时生成、停用、销毁，不说您；给出来会损害加密的安全",
            title="密钥的记录（账号或孩子的随机编号，何时生成、停用、销毁）",
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
        withheld="打开您的信息的钥匙，给出来会让别人也能打开；销毁它就是删除",
        title="加密您的信息所用的密钥",
        unsealed_because="wrapped under the key of keys, and a key cannot be sealed with itself",
    ),
)

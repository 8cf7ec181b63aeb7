"""How long to wait, as one says it."""

from django.utils.translation import gettext

_MINUTE, _HOUR = 60, 3600  # seconds


def in_words(seconds: int) -> str:
    """When to come back, as one says it: ``30 秒后``, then minutes, then hours."""
    if seconds <= _MINUTE:
        return gettext("{count} 秒后").format(count=seconds)
    if seconds <= _HOUR:
        return gettext("{count} 分钟后").format(count=-(-seconds // _MINUTE))
    return gettext("约 {count} 小时后").format(count=-(-seconds // _HOUR))

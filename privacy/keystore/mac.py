"""Keyed digests of short secrets: verification codes, link tokens, hour buckets."""

import hashlib
import hmac

from django.conf import settings

from privacy.keystore.encoding import joined


def mac(purpose: str, *parts: str) -> bytes:
    """HMAC-SHA256 under ``settings.CODE_KEY`` over purpose and parts, each behind its length; 32 bytes."""
    message = joined(part.encode() for part in (purpose, *parts))
    return hmac.new(settings.CODE_KEY, message, hashlib.sha256).digest()

"""What can go wrong with codes and accounts. They carry data, never sentences."""


class CodeInvalid(Exception):
    """Wrong, expired, used, unknown, or of another number, purpose or browser: one answer for all of them."""


class CodeExhausted(CodeInvalid):
    """Five wrong tries; the code is dead and a new one must be asked for."""


class SmsUnavailable(Exception):
    """No code can be sent now, because the send limits cannot be counted."""


class NoProof(Exception):
    """This browser has not proved a number within the last ten minutes."""

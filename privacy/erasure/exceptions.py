"""What can go wrong with an erasure."""


class ErasureRefused(ValueError):
    """It cannot begin; ``message`` says why, in the words of whoever asked."""

    def __init__(self, message: str) -> None:
        super().__init__("the erasure cannot begin")
        self.message = message


class ErasureUnknown(LookupError):
    """There is no such erasure, or it is somebody else's: nobody learns which."""


class CertificateInvalid(ValueError):
    """A certificate is not ours, or not as we wrote it; the text says which part."""


class StepFailed(RuntimeError):
    """A step could not be done now; the text is a short identifier and holds nobody's data."""


class LeftOver(RuntimeError):
    """After all steps something is still there; ``where`` names the place."""

    def __init__(self, where: str) -> None:
        super().__init__(f"something is left in {where}")
        self.where = where


class LedgerLost(RuntimeError):
    """A database has carried out more than the erasure ledger holds: the file is gone, or an older one."""

    def __init__(self) -> None:
        super().__init__("the erasure ledger ends before the marks in the databases")

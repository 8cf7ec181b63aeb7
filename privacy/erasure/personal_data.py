"""What remains of erasures themselves, once nothing else does."""

from privacy.erasure.personal_rows import unlink_erasures
from privacy.inventory.remainders import Remainder, register_remainder

register_remainder(
    Remainder(model="erasure.ErasureJob", since="finished_at", unlink=unlink_erasures)
)
for _model in ("ErasureSubject", "ErasureStep", "ErasureRest", "RecipientNotice", "ErasureCertificate"):
    register_remainder(Remainder(model=f"erasure.{_model}", follows="erasure.ErasureJob"))
register_remainder(Remainder(model="erasure.Suppression", since="at"))

"""One posting of the login form: read it, let in, and say what was wrong with nothing typed lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.code_step import CodeStep, again, posted_challenge, refuse
from accounts.door import attempt, prove
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid
from accounts.forms import AgreementsForm, LoginForm
from accounts.models import User, VerificationCode
from accounts.services.guardians import log_in
from kit.limiter import LimitReached
from kit.waiting import in_words
from privacy.consent.enums import Channel
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.services import current_versions


@dataclass
class LoginPost:
    """What was posted, and what became of it."""

    request: HttpRequest
    form: LoginForm = field(init=False)
    agreements: AgreementsForm | None = None
    step: CodeStep | None = None
    proof: VerificationCode | None = None

    def __post_init__(self) -> None:
        self.form = LoginForm(self.request.POST)

    def log_in(self) -> User | None:
        """The guardian, or None with the reason on the forms and in ``step``."""
        if not self.form.is_valid():
            return None
        tried = attempt(
            self.request,
            challenge=posted_challenge(self.request),
            code=self.form.cleaned_data["code"],
            purpose=CodePurpose.LOGIN,
            phone=self.form.cleaned_data["phone"],
        )
        try:
            self.proof = prove(self.request, tried)
            return log_in(proof=self.proof, agreements=self._agreed(), channel=Channel.WEB)
        except CodeInvalid as error:
            self.step = refuse(self.request, self.form, error)
            self.agreements = None
        except LimitReached as reached:
            self.step = again(self.request, status=429, retry_after=reached.retry_after)
            self.form.add_error(None, _("试的次数有点多，%s再试。") % in_words(reached.retry_after))
            self.agreements = None
        except AgreementsRequired:
            self._ask_for_agreements()
        except DocumentStale:
            self._ask_for_agreements()
            self.form.add_error(None, _("协议刚刚更新，请看过新版本再勾选。"))
        return None

    def _agreed(self) -> dict[str, str] | None:
        ticked = AgreementsForm(self.request.POST)
        return ticked.agreements(current_versions()) if ticked.is_valid() else None

    def _ask_for_agreements(self) -> None:
        versions = {f"{document}_version": version for document, version in current_versions().items()}
        answered = "terms_version" in self.request.POST
        self.step = again(self.request, status=409)
        self.agreements = AgreementsForm(self.request.POST if answered else None, initial=versions)

"""The proofs of the seat ledger in the back office: when it was checked, and what came of each law."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from enrollment.models import LedgerProof
from enrollment.services.laws import LAWS
from privacy.audit.model_admin import ReadOnlyAdmin

_WORDS = {law.name: law.words for law in LAWS}
_OVERDUE = timedelta(hours=26)  # once a night, and time for the night's other work


@admin.register(LedgerProof)
class LedgerProofAdmin(ReadOnlyAdmin):
    """The newest first. How many rows break a law, never which: that is for whoever mends it."""

    list_display = ("when", "verdict", "took")
    list_filter = ("holds",)
    ordering = ("-started_at",)
    show_facets = admin.ShowFacets.NEVER
    fields = ("when", "took", "verdict", "laws")
    readonly_fields = fields

    @admin.display(description=_("什么时候核对过"), ordering="started_at")
    def when(self, proof: LedgerProof) -> str:
        return _said(proof)

    @admin.display(description=_("用时"))
    def took(self, proof: LedgerProof) -> str:
        return str(_("%.1f 秒") % (proof.finished_at - proof.started_at).total_seconds())

    @admin.display(description=_("结果"), ordering="holds")
    def verdict(self, proof: LedgerProof) -> str:
        return _verdict(proof)

    @admin.display(description=_("每条规则"))
    def laws(self, proof: LedgerProof) -> str:
        lines = (
            ("✗" if rows else "✓", _WORDS.get(name, name), _("：%s 处不成立") % rows if rows else "")
            for name, rows in sorted(proof.findings.items(), key=lambda one: -one[1])
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} {}{}</li>", lines))

    def warn(self, request: HttpRequest) -> None:
        """Say when the ledger was last checked, and louder when it is wrong or nobody looked for too long."""
        if not self.has_view_permission(request):
            return
        newest = self.get_queryset(request).first()
        if newest is None:
            self.message_user(request, _("座位账还没有核对过，每天夜里核对一次。"), messages.INFO)
            return
        level = messages.INFO if newest.holds else messages.ERROR
        said = _("座位账 %(when)s 核对过：%(verdict)s。") % {
            "when": _said(newest),
            "verdict": _verdict(newest),
        }
        if timezone.now() - newest.started_at > _OVERDUE:
            level, said = max(level, messages.WARNING), said + str(_("已经一天多没有核对了。"))
        self.message_user(request, said, level)


def _said(proof: LedgerProof) -> str:
    return f"{timezone.localtime(proof.started_at):%Y-%m-%d %H:%M}"


def _verdict(proof: LedgerProof) -> str:
    wrong = sum(bool(rows) for rows in proof.findings.values())
    if wrong:
        return str(
            _("✗ %(wrong)s 条规则不成立（共 %(all)s 条）") % {"wrong": wrong, "all": len(proof.findings)}
        )
    return str(_("✓ %s 条规则全部成立") % len(proof.findings))

"""The back office of consent: who runs the service, the documents, and what people decided about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.audit.model_admin import OneRowAdmin, ReadOnlyAdmin
from privacy.consent.models import ConsentNotice, ConsentRecord, OperatorData
from privacy.consent.operator import documents_telling_otherwise, read_operator


@admin.register(OperatorData)
class OperatorAdmin(OneRowAdmin):
    """Held once: pages show a change within a minute, documents show it beside their text."""

    fieldsets = (
        (gettext_lazy("品牌和公司"), {"fields": ("brand", "brand_short", "brand_english", "company")}),
        (gettext_lazy("地址"), {"fields": ("registered_address", "contact_address")}),
        (gettext_lazy("服务热线"), {"fields": ("hotline", "hotline_note", "opens_at", "closes_at")}),
        (
            gettext_lazy("个人信息保护部门"),
            {
                "fields": (
                    "privacy_department",
                    "privacy_phone",
                    "privacy_opens_at",
                    "privacy_closes_at",
                    "privacy_mail",
                )
            },
        ),
        (gettext_lazy("备案"), {"fields": ("icp", "police_filing")}),
        (gettext_lazy("微信"), {"fields": ("wechat_account", "wechat_code")}),
        (None, {"fields": ("changed_at",)}),
    )
    readonly_fields = ("changed_at",)

    def warnings(self) -> list[str]:
        said: list[str] = []
        if read_operator().missing_filings:
            said.append(
                _(
                    "备案号还没填，或者还是演示用的。对外服务的首页必须写明（互联网信息服务管理办法第十二条）。"
                )
            )
        otherwise = "、".join(f"《{title}》" for title in documents_telling_otherwise())
        if otherwise:
            said.append(
                _(
                    "%s里写的名称、地址或联系方式和现在的不一样：页面上已经并排显示现在的，下一版正文会写新的。"
                )
                % otherwise
            )
        return said


@admin.register(ConsentNotice)
class ConsentNoticeAdmin(ReadOnlyAdmin):
    """The documents as they were published, version by version; each leads to the page people see."""

    list_display = ("title", "version", "published_at", "effective_at")
    list_filter = ("document",)
    fields = ("document", "version", "title", "scope", "published_at", "effective_at", "sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("html")

    def view_on_site(self, obj: Any) -> str:
        return str(obj.get_absolute_url())


@admin.register(ConsentRecord)
class ConsentRecordAdmin(ReadOnlyAdmin):
    """Who decided what about which version, the newest first. People and children are random ids here."""

    list_display = ("when", "what", "decision", "notice", "as_whom", "way")
    list_filter = ("purpose", "state", "channel")
    search_fields = ("subject_id",)  # `get_search_results` says how
    search_help_text = gettext_lazy("账号或孩子的随机编号")
    ordering = ("-at", "-id")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = ("when", "what", "decision", "notice", "as_whom", "way", "subject_id", "concerning_id")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("notice").defer("notice__html")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the whole id of a person or a child."""
        if not search_term.strip():
            return queryset, False
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        return queryset.filter(Q(subject_id=wanted) | Q(concerning_id=wanted)), False

    @admin.display(description=gettext_lazy("时间"), ordering="at")
    def when(self, row: ConsentRecord) -> datetime:
        return row.at

    @admin.display(description=gettext_lazy("同意的事"))
    def what(self, row: ConsentRecord) -> str:
        return row.get_purpose_display()

    @admin.display(description=gettext_lazy("决定"))
    def decision(self, row: ConsentRecord) -> str:
        return row.get_state_display()

    @admin.display(description=gettext_lazy("身份"))
    def as_whom(self, row: ConsentRecord) -> str:
        return row.get_acting_role_display()

    @admin.display(description=gettext_lazy("方式"))
    def way(self, row: ConsentRecord) -> str:
        return row.get_channel_display()

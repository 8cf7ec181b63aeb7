"""Closed lists of consent: which documents there are, what is agreed to, who agreed, by which way."""

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class Document(ClosedList):
    """The three documents, each accepted by itself, in the order in which people meet them."""

    TERMS = "terms", _("用户协议")
    PRIVACY = "privacy", _("隐私政策")
    CHILDREN = "children", _("儿童个人信息规则")


class ConsentPurpose(ClosedList):
    """What can be agreed to: each document, and each use that needs a yes of its own."""

    TERMS = "terms", _("用户协议")
    PRIVACY = "privacy", _("隐私政策")
    CHILDREN = "children", _("儿童个人信息")
    MARKETING_SMS = "marketing_sms", _("推广短信")
    MARKETING_CALL = "marketing_call", _("推广电话")
    SURVEY = "survey", _("回访问卷")
    PERSONALISED = "personalised", _("个性化推荐")


class ConsentState(ClosedList):
    """What the person decided; the newest record of a purpose stands."""

    GIVEN = "given", _("已同意")
    WITHDRAWN = "withdrawn", _("已撤回")
    REFUSED = "refused", _("已拒绝")


class Channel(ClosedList):
    """By which way the decision reached us."""

    WEB = "web", _("网页")
    API = "api", _("接口")
    WECHAT = "wechat", _("微信")
    STAFF = "staff", _("工作人员代录")


class ActingRole(ClosedList):
    """As whom the person acted, which is what the line beside the tick declares."""

    GUARDIAN_OR_AUTHORISED = "guardian_or_authorised", _("监护人，或经监护人同意的成年人")
    GUARDIAN = "guardian", _("监护人")  # nobody else decides about a child's information (PIPL 31)

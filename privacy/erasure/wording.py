"""Sentences about erasures, as people read them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STEP_TITLES: Mapping[str, str | Promise] = {
    "begin": _("停止服务，退出登录，冻结密钥"),
    "bury": _("记入删除总账"),
    "keys": _("销毁密钥：从这一刻起，谁也读不出来"),
    "exports": _("删除做好的信息副本"),
    "stores": _("清理缓存、队列和文件"),
    "children": _("删除孩子库里的记录"),
    "rows": _("删除其余的记录"),
    "unlink": _("法定保存的记录改挂代号，不再指向您"),
    "account": _("删除账号"),
    "keyrows": _("删除密钥的登记"),
    "check": _("逐处复查"),
    "certify": _("签发凭证"),
}

ALREADY = _("删除已经在进行了")
NOT_A_GUARDIAN = _("只有家长的账号可以这样删除")
NOBODY = _("没有这样的账号或孩子")
OTHER_RIGHTS = _("同一件请求里还有没办完的事，先办完再删除")
CHANGED = _("这期间信息有变化，计划重新列过了，请再看一遍")
SHARED_CHILD = _("孩子还有别的监护人，要由工作人员核对后办理")

ANSWERED = _(
    "已经删除：%(rows)d 条记录，密钥已于 %(unreadable)s 销毁，从那时起谁也读不出来。"
    "备份最迟于 %(final)s 失效。"
    "删除凭证在这件请求的页面上，可以下载，也可以离线核对。"
)
KEPT = _("依法暂时留下的：")
KEPT_LINE = _("%(title)s %(count)d 条，%(until)s（%(source)s）")
UNTIL = _("留到 %s")
UNTIL_RELEASED = _("留到依法不再需要保存为止")  # says nothing of a hold that nobody may hear of
HOLD_UNNAMED = _("法律、行政法规规定的保存要求")
ALL_GONE = _("上次依法留下的也已经全部删除，新的凭证在这件请求的页面上。")

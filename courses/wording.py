"""What the catalogue's words may not say, and how they are punctuated.

Rules for advertising education (Advertising Law, articles 9 and 24): no promised result, no superlative, no
endorsement. What a class does may always be said; what it does to a child may not. The list errs on the
strict side: a sentence it stops can be written another way.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_PROMISES = re.compile(
    r"保证|承诺|确保|包(?:过|会|学会|教)|必(?:过|会|成)|一定(?:能|会|可以)|立竿见影|速成|见效|效果(?:显著|明显|好)"
    r"|(?:提升|提高|增强|激发|开发|改善)[^，。；、]{0,8}(?:成绩|分数|力|智商|情商|大脑|潜能|自信)"
    r"|提分|高分|升学|名校|应试|考级|通过率|赢在|起跑线|不输|变聪明|[天周月节]学会|脱胎换骨|逆袭"
    r"|退费|无效"
)
_SUPERLATIVES = re.compile(
    r"最(?:好|佳|优|强|大|高|新|热|专业|权威|先进|受|具|有效|值得|适合)"
    r"|第一(?:品牌|名|选择)|(?:全国|全球|行业|全城)第一|排名|首选|唯一|顶[级尖]|极致|国家级|世界级|国际级|一流|独家"
    r"|遥遥领先|行业领先|冠军|王牌|金牌|百分之百|100 ?[%\uff05]|绝对|史上|前所未有|无与伦比|完美|NO\.?1",
    re.IGNORECASE,
)
_ENDORSEMENTS = re.compile(
    r"专家|教授|博士|学者|名师|明星|代言|权威|认证|获奖|指定|推荐|见证|好评|口碑|命题|考官|教育部|科学院|协会"
    r"|家长(?:都说|一致|公认)|孩子都说"
)
_HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff」』”’）》][,;:!?()]|[\u4e00-\u9fff」』”’）》]\.(?!\w)|[,;:!?()][\u4e00-\u9fff「『“（《]"
)
_SENTENCES = {
    _PROMISES: _("「%(found)s」听起来像承诺效果，广告里不能说。请改写成课上做什么。"),
    _SUPERLATIVES: _("「%(found)s」听起来像最高级，广告里不能说。请说具体的事。"),
    _ENDORSEMENTS: _("「%(found)s」听起来像替我们背书，教育广告里不能用。请去掉这一处。"),
    _HALF_WIDTH: _("「%(found)s」这里请用全角标点：，。；：！？（）"),
}


def without_claims(text: str) -> None:
    """A field's validator. Raises ValidationError for a promise, a superlative or an endorsement.

    Source: Advertising Law, articles 9(3) and 24.
    """
    for pattern in (_PROMISES, _SUPERLATIVES, _ENDORSEMENTS):
        _refuse(pattern, text)


def full_width(text: str) -> None:
    """A field's validator. Raises ValidationError where Chinese meets punctuation of half width."""
    _refuse(_HALF_WIDTH, text)


CATALOGUE_TEXT = (without_claims, full_width)


def _refuse(pattern: re.Pattern[str], text: str) -> None:
    found = pattern.search(text)
    if found:
        raise ValidationError(_SENTENCES[pattern], code="wording", params={"found": found[0]})

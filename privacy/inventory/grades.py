"""What a grade means. The one table that masking, approval and export read."""

from dataclasses import dataclass

from privacy.inventory.enums import Approval, Export, Grade, Mask


@dataclass(frozen=True, slots=True)
class GradeRule:
    """What follows from a grade."""

    title: str
    sealed: bool
    mask: Mask
    approval: Approval
    export: Export


GRADES: dict[Grade, GradeRule] = {
    Grade.ONE: GradeRule("一级 不指向个人", False, Mask.NONE, Approval.NONE, Export.SIGNED_IN),
    Grade.TWO: GradeRule("二级 一般个人信息", False, Mask.NONE, Approval.NONE, Export.SIGNED_IN),
    Grade.THREE: GradeRule("三级 敏感个人信息", True, Mask.PARTIAL, Approval.REASON, Export.STEPPED_UP),
    Grade.FOUR: GradeRule("四级 儿童及最敏感信息", True, Mask.FULL, Approval.OFFICER, Export.STEPPED_UP),
}

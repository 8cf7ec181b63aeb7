"""Why it is known who works where."""

from privacy.inventory.declarations import Purpose
from privacy.inventory.registry import register_purpose

register_purpose(
    Purpose(
        "staff_work", "安排老师和校区的工作", "人力资源管理（个人信息保护法第十三条第二项）", of_staff=True
    )
)

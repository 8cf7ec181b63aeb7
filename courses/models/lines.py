"""What the catalogue's files said when they were last loaded. No person in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import plain


class CatalogueLine(models.Model):
    """One line of a catalogue file as it was loaded last, by its digest.

    A line that still reads the same is not loaded again, so what staff changed since stays.
    """

    id = plain(models.BigAutoField(primary_key=True))
    noun = plain(models.CharField(max_length=20))
    slug = plain(models.CharField(max_length=60))
    digest = plain(models.CharField(max_length=64))

    class Meta:
        verbose_name = verbose_name_plural = _("目录文件的行")
        constraints = [models.UniqueConstraint(fields=["noun", "slug"], name="one_line_a_slug")]

    def __str__(self) -> str:
        return f"{self.noun} {self.slug}"

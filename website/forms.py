"""What the public pages ask: the name of a city."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.services.find import LONGEST_NAME


class CitySearch(forms.Form):
    """A city by name, pinyin or initials; kept in the address, since it is about nobody."""

    q = forms.CharField(
        label=_("城市名、拼音或首字母"),
        required=False,
        widget=forms.TextInput(
            attrs={"class": "control", "type": "search", "enterkeyhint": "search", "autocomplete": "off"}
        ),
    )

    def typed(self) -> str:
        """What was typed, cut to what a city could be called; empty when it cannot be read."""
        return str(self.cleaned_data["q"])[:LONGEST_NAME] if self.is_valid() else ""

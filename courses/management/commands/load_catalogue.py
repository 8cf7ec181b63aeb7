"""``manage.py load_catalogue``: cities and legal documents, as the files of this version say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.exceptions import CatalogueInvalid
from courses.services.catalogue import load_catalogue
from privacy.consent.exceptions import EditionRefused
from privacy.consent.services import load_documents


class Command(BaseCommand):
    help = "Bring cities and legal documents up to date. Running it again changes nothing; no row goes."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = [*map(str, load_catalogue()), str(load_documents())]
        except (CatalogueInvalid, EditionRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("; ".join(done))

import pytest
from django.db import connection
from django.utils import timezone
import subprocess
@pytest.mark.django_db
def test_clock():
    with connection.cursor() as c:
        c.execute("select clock_timestamp(), now()")
        print(c.fetchone(), timezone.now(), timezone.localtime())

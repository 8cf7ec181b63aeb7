"""The answer to a POST that worked: 303, go and GET what it made."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """RFC 9110 15.4.4: unlike 302, the next request is a GET for certain."""

    status_code = 303

"""The door the web server comes in by."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

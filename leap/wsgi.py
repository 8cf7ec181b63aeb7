"""The door the web server comes in by."""

from django.core.wsgi import get_wsgi_application

from kit.wsgi_door import at_the_door

application = at_the_door(get_wsgi_application())

from leap.start_checks import refuse_to_start  # noqa: E402  needs the apps loaded

refuse_to_start()

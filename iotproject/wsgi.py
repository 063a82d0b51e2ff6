"""Pages and the API as a WSGI application; `iotproject.asgi` runs it in threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")

application = get_wsgi_application()

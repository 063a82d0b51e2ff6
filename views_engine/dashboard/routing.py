"""Where the sockets are."""

from django.urls import path

from views_engine.dashboard.sockets import Dashboard

websocket_urlpatterns = [path("ws/dashboard/", Dashboard.as_asgi())]

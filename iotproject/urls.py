"""Every address of the site. The socket and `POST /api/v1/events` are routed in `iotproject.asgi`."""

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from iotproject import health, metrics

admin.autodiscover()

api: list[URLPattern | URLResolver] = [
    path("", include("devices.urls")),
    path("", include("events.urls")),
    path("", include("blackboard.urls")),
    path("", include("views_engine.api.urls")),
    path("", include("views_engine.alerts.urls")),
    path("", include("views_engine.notifying.urls")),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("admin/", admin.site.urls),
    path("login/", accounts.LoginView.as_view(), name="login"),
    path("logout/", accounts.LogoutView.as_view(), name="logout"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("", include("views_engine.dashboard.urls")),
]

handler404 = "iotproject.errors.not_found"
handler500 = "iotproject.errors.server_error"
handler403 = "iotproject.errors.forbidden"
handler400 = "iotproject.errors.bad_request"

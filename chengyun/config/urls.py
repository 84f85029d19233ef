"""The addresses Django answers. ``/live``, ``/tiles``, ``/basemap`` and reads of ``/ogc`` never
come here: see ``asgi.py``."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from chengyun.config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("ogc/", include("chengyun.city.ogc.urls")),
    path("open311/", include("chengyun.open311.urls")),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("", include("chengyun.pages.urls")),
]

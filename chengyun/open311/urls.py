"""The addresses of GeoReport v2. The suffix names the format; any other suffix is a 404."""

from django.urls import path, re_path

from chengyun.open311 import views

_FORMAT = r"\.(?P<fmt>xml|json)/?$"

urlpatterns = [
    re_path(rf"^(?:v2/)?discovery{_FORMAT}", views.discovery),
    re_path(rf"^v2/services{_FORMAT}", views.service_list),
    re_path(rf"^v2/services/(?P<code>[^/]*){_FORMAT}", views.service_definition),
    re_path(rf"^v2/requests{_FORMAT}", views.requests),
    re_path(rf"^v2/requests/(?P<request_id>[^/]*){_FORMAT}", views.request_by_id),
    path("v2/requests/<int:request_id>/media/<uuid:picture>", views.picture),
    re_path(rf"^v2/tokens/(?P<token>[^/]*){_FORMAT}", views.token),
    re_path(rf"^v2/servicerequestupdates{_FORMAT}", views.updates),
    re_path(r"^(?P<rest>.*)$", views.nothing_here),
]

"""The addresses of `/ogc` that Django answers: the writes. What reads is `app`."""

from django.urls import path, re_path

from chengyun.city.ogc import writing

urlpatterns = [
    path("collections/<str:name>/items", writing.items),
    path("collections/<str:name>/items/<str:fid>", writing.items),
    re_path(r"^(?P<rest>.*)$", writing.nothing),
]

"""The addresses of the surfaces. Below each, the pages themselves read the path."""

from django.urls import re_path

from chengyun.pages.views import icon, surface, worker

urlpatterns = [
    re_path(r"^favicon\.ico$", icon),
    re_path(r"^sw\.js$", worker),
    re_path(r"^sw-leader\.js$", worker, {"name": "sw-leader"}),
    re_path(r"^desk(?:/.*)?$", surface, {"name": "desk"}, name="desk"),
    re_path(r"^m/leader(?:/.*)?$", surface, {"name": "leader"}, name="leader"),
    re_path(r"^m(?:/.*)?$", surface, {"name": "field"}, name="field"),
    re_path(r"^screen(?:/.*)?$", surface, {"name": "screen"}, name="screen"),
    re_path(r"^(?:report|follow)(?:/.*)?$", surface, {"name": "citizen"}),
    re_path(r"^$", surface, {"name": "citizen"}, name="citizen"),
]

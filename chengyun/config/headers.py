"""Security headers of every answer."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponseBase

from chengyun.city.basemap.source import basemap

#: Everything is served from here: no foreign script, style, font or picture can load, but for the
#: tiles of a basemap that the installation has chosen.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"


def policy(hosts: Sequence[str] = ()) -> str:
    """The policy of a page whose map may load tiles from these hosts, and from nowhere else."""
    if not hosts:
        return POLICY
    more = " ".join(hosts)
    return POLICY.replace("img-src 'self'", f"img-src 'self' {more}").replace(
        "connect-src 'self'", f"connect-src 'self' {more}"
    )


class SecurityHeaders:
    """Adds the content security policy and the permissions policy where a view set none.

    A view whose page has a map says so by `response.shows_map`: the hosts of the basemap, where
    it comes from elsewhere, are then let in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        chosen = basemap() if getattr(response, "shows_map", False) else None
        response.headers.setdefault(
            "Content-Security-Policy", policy(chosen.hosts if chosen else ())
        )
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

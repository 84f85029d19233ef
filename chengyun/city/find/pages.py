"""The addresses of the desk's pages that show what was found."""

from urllib.parse import quote


def on_map(lon: float, lat: float, zoom: int = 17) -> str:
    """The map at a CGCS2000 point, which is marked."""
    return f"/desk/map?at={lon:.6f},{lat:.6f},{zoom}&point={lon:.6f},{lat:.6f}"


def component_page(code: str) -> str:
    """The page of a component."""
    return f"/desk/components/{quote(code, safe='')}"

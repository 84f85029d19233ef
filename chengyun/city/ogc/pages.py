"""The same documents as small pages: no script, nothing from elsewhere."""

from html import escape
from typing import Any

from chengyun.city.ogc.collection import Collection
from chengyun.city.ogc.documents import Place

_STYLE = """
:root{--bg:#f4f6f8;--surface:#fff;--line:#dce2e9;--text:#17202a;--text-2:#4c5a6a;--accent:#1b5ccb}
@media(prefers-color-scheme:dark){:root{--bg:#0b1117;--surface:#111a23;--line:#243442;
--text:#e9eff5;--text-2:#a6b5c4;--accent:#6aa5ff}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);
font:14px/1.6 "Inter Variable",system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
header,main{max-width:1200px;margin:0 auto;padding:12px 20px}
header{display:flex;gap:8px;flex-wrap:wrap;align-items:baseline}
header b{margin-right:12px}a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
section{background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:12px 16px;
margin:0 0 12px;overflow-x:auto}h1{font-size:20px;margin:0 0 4px}h2{font-size:15px;margin:0 0 8px}
p{margin:4px 0;color:var(--text-2)}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);
vertical-align:top;font-variant-numeric:tabular-nums}th{color:var(--text-2);font-weight:500}
th{white-space:nowrap}
td{max-width:28em;overflow-wrap:break-word}ul{margin:0;padding-left:18px}
svg{width:100%;height:320px;display:block}svg *{vector-effect:non-scaling-stroke;
stroke:var(--accent);
stroke-width:1.5;fill:var(--accent);fill-opacity:.15}svg circle{fill-opacity:.8;stroke:none}
"""


def page(place: Place, path: str, document: dict[str, Any]) -> str:
    """A document as a page."""
    collection = document.get("collection")
    parts: list[str] = []
    if isinstance(collection, Collection):
        parts = _features(place, collection, document)
    elif "collections" in document:
        parts = [_collections(place, document)]
    elif "paths" in document:
        parts = [_operations(place, document)]
    elif "conformsTo" in document:
        parts = [_list(place.say("符合的标准", "Standards"), document["conformsTo"])]
    elif "properties" in document:
        parts = [_queryables(place, document)]
    else:
        parts = [_about(document)]
    parts.append(_links(place, document.get("links", [])))
    title = document.get("title") or (
        place.say(collection.zh, collection.en) if isinstance(collection, Collection) else path
    )
    language = "en" if place.english else "zh-CN"
    body = "".join(f"<section>{part}</section>" for part in parts if part)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_text(title)} · OGC API</title><style>{_STYLE}</style>"
        f"<header>{_trail(place, path)}</header>"
        f"<main><section><h1>{_text(title)}</h1><p>{_text(document.get('description') or '')}</p>"
        f"</section>{body}</main></html>"
    )


def _trail(place: Place, path: str) -> str:
    made, steps = place.root, []
    for step in path.strip("/").split("/"):
        made = f"{made}/{step}"
        name = "城运 Chengyun" if step == "ogc" else step
        steps.append(f'<a href="{_text(made)}?f=html">{_text(name)}</a>')
    return " / ".join(steps)


def _features(place: Place, collection: Collection, document: dict[str, Any]) -> list[str]:
    features = document.get("features", [document])
    names = [(each.name, place.say(each.zh, each.en)) for each in collection.fields]
    at = f"{place.ogc}/collections/{collection.name}/items"
    head = "".join(f"<th>{_text(label)}</th>" for _, label in [("id", "id"), *names])
    rows = []
    for feature in features:
        fid = _text(feature["id"])
        cells = "".join(f"<td>{_text(feature['properties'][name])}</td>" for name, _ in names)
        rows.append(f'<tr><td><a href="{_text(at)}/{fid}?f=html">{fid}</a></td>{cells}</tr>')
    if len(features) == 1 and "features" not in document:
        [feature] = features
        rows = [
            f"<tr><th>{_text(label)}</th><td>{_text(feature['properties'][name])}</td></tr>"
            for name, label in names
        ]
        head = ""
    following = next((link for link in document["links"] if link["rel"] == "next"), None)
    more = ""
    if following is not None:
        label = place.say("下一页", "Next page")
        more = f'<p><a href="{_text(following["href"])}" rel="next">{label}</a></p>'
    number = document.get("numberMatched")
    counted = "" if number is None else f"<p>{place.say('共', 'All in all')} {number}</p>"
    sketch = _sketch([feature["geometry"] for feature in features if feature["geometry"]])
    return [sketch, f"{counted}<table><tr>{head}</tr>{''.join(rows)}</table>{more}"]


def _sketch(geometries: list[dict[str, Any]]) -> str:
    """The shapes of the page, drawn as they lie; nothing when there are none."""
    from shapely.geometry import shape

    shapes = [shape(geometry) for geometry in geometries]
    shapes = [each for each in shapes if not each.is_empty]
    if not shapes:
        return ""
    west = min(each.bounds[0] for each in shapes)
    south = min(each.bounds[1] for each in shapes)
    east = max(each.bounds[2] for each in shapes)
    north = max(each.bounds[3] for each in shapes)
    size = max(east - west, north - south) or 0.001
    drawn, line = [], ' style="fill:none"'
    for each in shapes:
        if each.geom_type == "Point":
            x, y = (each.x - west) / size * 1000, (north - each.y) / size * 1000
            drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
            continue
        for part in getattr(each, "geoms", [each]):
            filled = part.geom_type == "Polygon"
            rings = (part.exterior, *part.interiors) if filled else (part,)
            path = "".join(
                "M" + "L".join(
                    f"{(x - west) / size * 1000:.1f} {(north - y) / size * 1000:.1f}"
                    for x, y, *_ in ring.coords
                ) + ("Z" if filled else "")
                for ring in rings
            )  # fmt: skip
            drawn.append(f'<path d="{path}"{"" if filled else line}/>')
    width, height = (east - west) / size * 1000, (north - south) / size * 1000
    return f'<svg viewBox="-10 -10 {width + 20:.0f} {height + 20:.0f}">{"".join(drawn)}</svg>'


def _collections(place: Place, document: dict[str, Any]) -> str:
    rows = []
    for each in document["collections"]:
        at = f"{place.ogc}/collections/{each['id']}"
        rows.append(
            f'<tr><td><a href="{_text(at)}?f=html">{_text(each["title"])}</a></td>'
            f"<td>{_text(each['description'])}</td>"
            f'<td><a href="{_text(at)}/items?f=html">{place.say("要素", "Features")}</a></td></tr>'
        )
    return f"<table>{''.join(rows)}</table>"


def _operations(place: Place, document: dict[str, Any]) -> str:
    rows = [
        f"<tr><td>{verb.upper()}</td><td>{_text(path)}</td><td>{_text(each['summary'])}</td></tr>"
        for path, verbs in document["paths"].items()
        for verb, each in verbs.items()
        if verb != "servers"
    ]
    label = place.say("OpenAPI 文档", "The OpenAPI document")
    link = f'<p><a href="{_text(place.ogc)}/api?f=json">{label}</a></p>'
    about = f"<p>{_text(document['info']['description'])}</p>"
    return f"{about}{link}<table>{''.join(rows)}</table>"


def _queryables(place: Place, document: dict[str, Any]) -> str:
    rows = [
        f"<tr><td>{_text(name)}</td><td>{_text(each['title'])}</td>"
        f"<td>{_text(each.get('format') or each.get('type'))}</td>"
        f"<td>{_text(', '.join(each.get('enum', [])))}</td></tr>"
        for name, each in document["properties"].items()
    ]
    return f"<table>{''.join(rows)}</table>"


def _about(document: dict[str, Any]) -> str:
    shown = {
        name: value
        for name, value in document.items()
        if name not in ("links", "title", "description") and isinstance(value, str | int | float)
    }
    if systems := document.get("crs"):
        shown["crs"] = ", ".join(systems) if isinstance(systems, list) else systems
    rows = [f"<tr><th>{_text(n)}</th><td>{_text(v)}</td></tr>" for n, v in shown.items()]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _list(title: str, lines: list[str]) -> str:
    return f"<h2>{_text(title)}</h2><ul>{''.join(f'<li>{_text(x)}</li>' for x in lines)}</ul>"


def _links(place: Place, links: list[dict[str, Any]]) -> str:
    rows = [
        f'<li><a href="{_text(_as_json(link))}">{_text(link["title"])}</a> '
        f"<small>{_text(link['type'])}</small></li>"
        for link in links
        if not link.get("templated") and link["rel"] != "next"
    ]
    return f"<h2>{place.say('链接', 'Links')}</h2><ul>{''.join(rows)}</ul>" if rows else ""


def _as_json(link: dict[str, Any]) -> str:
    """A browser would be given the page again where the document itself is meant."""
    href: str = link["href"]
    if link["rel"] not in ("self", "service-desc"):
        return href
    if "f=html" in href:
        return href.replace("f=html", "f=json")
    return f"{href}{'&' if '?' in href else '?'}f=json"


def _text(value: Any) -> str:
    return "" if value is None else escape(str(value))

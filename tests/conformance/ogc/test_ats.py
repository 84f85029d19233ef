"""Every abstract test of every class that the service declares is a test here, by its name; what
is declared and what is in the documentation are the same."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.conformance.ogc.conftest import Ogc
from tests.conformance.ogc.test_cql2 import CLASSES

pytestmark = pytest.mark.django_db

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "city" / "ogc-api.md"
SPEC = "http://www.opengis.net/spec/"
FEATURES, FILTER, WRITING, TILES = (
    f"test_ats_{name}" for name in ("features", "filter", "writing", "tiles")
)

#: The abstract tests of a class, by the module that has them. Of the standards that are not named
#: in the module, the tests are those of Features that say the same.
ABSTRACT: dict[str, tuple[str, str]] = {
    "ogcapi-features-1/1.0/conf/core": (FEATURES, """
        core/http core/root-op core/root-success core/api-definition-op core/api-definition-success
        core/conformance-op core/conformance-success core/fc-md-op core/fc-md-success
        core/fc-md-links core/fc-md-items core/fc-md-items-links core/fc-md-extent core/sfc-md-op
        core/sfc-md-success core/fc-op core/fc-bbox-definition core/fc-bbox-response
        core/fc-limit-definition core/fc-limit-response core/fc-time-definition
        core/fc-time-response core/query-param-invalid core/query-param-unknown core/fc-response
        core/fc-links core/fc-timeStamp core/fc-numberMatched core/fc-numberReturned core/crs84
        core/f-op core/f-success core/f-links"""),
    "ogcapi-features-1/1.0/conf/geojson": (FEATURES, "geojson/definition geojson/content"),
    "ogcapi-features-1/1.0/conf/html": (FEATURES, "html/definition html/content"),
    "ogcapi-features-1/1.0/conf/oas30": (FEATURES, """
        oas30/oas-definition-1 oas30/oas-definition-2 oas30/oas-impl oas30/completeness
        oas30/exceptions-codes oas30/security"""),
    "ogcapi-features-2/1.0/conf/crs": (FEATURES, """
        crs/crs-uri crs/default-crs crs/storageCrs crs/crs-parameter crs/crs-parameter-invalid
        crs/crs-parameter-default crs/crs-parameter-transform crs/bbox-crs-parameter
        crs/bbox-crs-parameter-invalid crs/bbox-crs-parameter-default"""),
    "ogcapi-features-3/1.0/conf/queryables": (FILTER, """
        queryables/get-conformance queryables/get-queryables-uris queryables/get-queryables"""),
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": (FILTER, """
        queryables-query-parameters/get-conformance queryables-query-parameters/query-param"""),
    # No functions of our own are offered: filter/get-functions does not apply.
    "ogcapi-features-3/1.0/conf/filter": (FILTER, """
        filter/get-conformance filter/filter-param filter/filter-lang-default
        filter/expression-construction filter/filter-crs-wgs84 filter/filter-crs-param"""),
    "ogcapi-features-3/1.0/conf/features-filter": (FILTER, """
        features-filter/get-conformance features-filter/get-collections
        features-filter/get-collection features-filter/filter-on-items
        features-filter/mixing-expression"""),
    "cql2/1.0/conf/cql2-text": ("test_cql2", "cql2-text/escaping"),
    "cql2/1.0/conf/cql2-json": ("test_cql2", ""),
    "cql2/1.0/conf/basic-cql2": ("test_cql2", """
        basic-cql2/basic-test basic-cql2/comparison basic-cql2/is-null basic-cql2/boolean"""),
    "cql2/1.0/conf/advanced-comparison-operators": ("test_cql2", """
        advanced-comparison-operators/like advanced-comparison-operators/between
        advanced-comparison-operators/in"""),
    "cql2/1.0/conf/case-insensitive-comparison": ("test_cql2", """
        case-insensitive-comparison/casei case-insensitive-comparison/casei-like"""),
    "cql2/1.0/conf/basic-spatial-functions": ("test_cql2", "basic-spatial-functions/s_intersects"),
    "cql2/1.0/conf/basic-spatial-functions-plus": (
        "test_cql2", "basic-spatial-functions-plus/s_intersects"),
    "cql2/1.0/conf/spatial-functions": ("test_cql2", """
        spatial-functions/s_intersects spatial-functions/s_disjoint spatial-functions/s_equals
        spatial-functions/s_touches spatial-functions/s_crosses spatial-functions/s_within
        spatial-functions/s_contains spatial-functions/s_overlaps"""),
    "cql2/1.0/conf/temporal-functions": (
        "test_cql2", "temporal-functions/1 temporal-functions/2"),
    "cql2/1.0/conf/property-property": ("test_cql2", """
        property-property/comparison-value-property property-property/comparison-property-property
        property-property/comparison-value-value"""),
    "cql2/1.0/conf/arithmetic": ("test_cql2", "arithmetic/arithmetic"),
    "ogcapi-features-4/1.0/conf/create-replace-delete": (WRITING, """
        create-replace-delete/insert/post-op create-replace-delete/insert/body
        create-replace-delete/insert/content-type create-replace-delete/insert/response
        create-replace-delete/insert/response-rid create-replace-delete/update/put/put-op
        create-replace-delete/update/put/body create-replace-delete/update/put/content-type
        create-replace-delete/update/put/response create-replace-delete/update/put/rid-exception
        create-replace-delete/delete/delete-op create-replace-delete/delete/response
        req/create-replace-delete/options"""),
    "ogcapi-features-4/1.0/conf/update": (WRITING, "req/update"),
    "ogcapi-features-4/1.0/conf/optimistic-locking-etags": (
        WRITING, "req/optimistic-locking-etags"),
    "ogcapi-features-4/1.0/conf/features": (WRITING, """
        features/collection-items-end-point features/feature-end-point
        create-replace-delete/crs/crs84 create-replace-delete/crs/geojson
        create-replace-delete/crs/storage-crs req/features/geojson-replace-id"""),
    "ogcapi-common-1/1.0/conf/core": (FEATURES, """
        core/http core/query-param-invalid core/query-param-unknown"""),
    "ogcapi-common-1/1.0/conf/landing-page": (FEATURES, """
        core/root-op core/root-success core/api-definition-op core/api-definition-success
        core/conformance-op core/conformance-success"""),
    "ogcapi-common-1/1.0/conf/json": (FEATURES, "geojson/definition geojson/content"),
    "ogcapi-common-1/1.0/conf/html": (FEATURES, "html/definition html/content"),
    "ogcapi-common-1/1.0/conf/oas30": (FEATURES, """
        oas30/oas-definition-1 oas30/oas-definition-2 oas30/oas-impl oas30/completeness
        oas30/exceptions-codes oas30/security"""),
    "ogcapi-common-2/1.0/conf/collections": (FEATURES, """
        core/fc-md-op core/fc-md-success core/fc-md-links core/fc-md-items
        core/fc-md-items-links core/fc-md-extent core/sfc-md-op core/sfc-md-success"""),
    "ogcapi-tiles-1/1.0/conf/core": (TILES, """
        core/conformance-success core/tc-op core/tc-success core/tc-error
        core/tc-tilematrix-definition core/tc-tilerow-definition core/tc-tilecol-definition"""),
    "ogcapi-tiles-1/1.0/conf/tileset": (TILES, "tileset/description"),
    "ogcapi-tiles-1/1.0/conf/tilesets-list": (TILES, "tilesets-list/tileset-links"),
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": (
        TILES, "geodata-tilesets/desc-links geodata-tilesets/operation"),
    "ogcapi-tiles-1/1.0/conf/oas30": (TILES, "oas30/completeness oas30/operation-id"),
    "ogcapi-tiles-1/1.0/conf/mvt": (TILES, "mvt/content"),
    "tms/2.0/conf/tilematrixset": ("test_tilesets", "tile-matrix-set-is-web-mercator-quad"),
    "tms/2.0/conf/json-tilematrixset": ("test_tilesets", "tile-matrix-set-is-web-mercator-quad"),
}  # fmt: skip


def test_what_is_declared_is_what_is_tested(stranger: Ogc) -> None:
    declared = [uri.removeprefix(SPEC) for uri in stranger.json("/conformance")["conformsTo"]]
    assert sorted(declared) == sorted(ABSTRACT)


@pytest.mark.parametrize("name", ABSTRACT)
def test_every_abstract_test_is_a_test(name: str) -> None:
    module, ids = ABSTRACT[name]
    tests = vars(import_module(f"tests.conformance.ogc.{module}"))
    for each in ids.split():
        assert "test_" + re.sub("[^a-z0-9]", "_", each.lower()) in tests, each
    # test-data and logical of CQL2 are tests of every class that has them.
    kind = name.rpartition("/")[2]
    if name.startswith("cql2/") and not kind.startswith("cql2-"):
        assert kind in CLASSES


def test_the_documentation_lists_them() -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for name in ABSTRACT:
        standard, _, kind = name.partition("/")
        row = next(line for line in text.splitlines() if line.startswith(f"| `{standard}` |"))
        assert f"`{kind.rpartition('/')[2]}`" in row, name

"""A city full of cases in a database of its own, made by the database itself.

Everything follows from the row number through a hash (``chance``), so the same size gives the
same rows on every machine.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

DISTRICTS, STREETS, COMMUNITIES = 10, 13, 10  # streets per district, communities per street
DEPARTMENTS, SUBCLASSES, CLASSES = 25, 170, 17
EDITION = "bench"
#: Communities are square cells in rows; degrees.
WEST, SOUTH, CELL, ACROSS = 119.5, 35.6, 0.04, 36
ROOT_ORG = "CITY"
#: The span in which cases were reported, and the moment that counts as now.
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """What was made, for the measurements to refer to."""

    cases: int
    districts: tuple[str, ...]
    departments: tuple[str, ...]
    tokens: tuple[str, ...]


def describe(cases: int) -> World:
    """The codes of the made city, known without asking the database."""
    return World(
        cases,
        tuple(f"{100000 + number:06d}" for number in range(1, DISTRICTS + 1)),
        tuple(f"DEP{number:02d}" for number in range(1, DEPARTMENTS + 1)),
        tuple(
            f"{EDITION}:{1 + number * CLASSES // SUBCLASSES:02d}{number + 1:03d}"
            for number in range(SUBCLASSES)
        ),
    )


def build(cursor: Any, cases: int) -> World:
    """Fill an empty, migrated database. Takes about 40 s per million cases on two cores."""
    cursor.execute("SET statement_timeout = 0")
    cursor.execute("SET synchronous_commit = off")
    # The drawn rows are joined by hash: the planner cannot know how many there are.
    cursor.execute("SET enable_nestloop = off")
    cursor.execute("SET jit = off")
    cursor.execute(CHANCE)
    for statement in (AREAS, ORGANISATIONS, CATALOGUE):
        cursor.execute(statement)
    _insert_cases(cursor, cases)
    cursor.execute(REPORTS)
    cursor.execute(VISITS)
    cursor.execute(
        "UPDATE governance_case c SET answered = v.answered, solved = v.solved, "
        "satisfied = v.satisfied FROM governance_visitback v WHERE v.case_id = c.id "
        "AND c.id % 50 = 0"
    )
    return describe(cases)


#: A number in [0, 1) that depends only on a row and a salt.
CHANCE = """
CREATE OR REPLACE FUNCTION chance(n bigint, salt int) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(n, salt) & 1073741823)::double precision / 1073741824;
"""

AREAS = f"""
INSERT INTO city_area (code, name_zh, name_en, level, parent_id, ancestors, synthetic,
                       population, area_m2)
VALUES ('100000', '测试市', 'Bench City', 'city', NULL, '{{100000}}', true, 10000000, 1.1e10);
INSERT INTO city_area (code, name_zh, name_en, level, parent_id, ancestors, synthetic,
                       population, area_m2)
SELECT code, '第' || d || '区', 'District ' || d, 'district',
       (SELECT id FROM city_area WHERE code = '100000'), ARRAY['100000', code], true, 1000000, 1.1e9
FROM generate_series(1, {DISTRICTS}) d, LATERAL (SELECT (100000 + d)::text AS code) x;
INSERT INTO city_area (code, name_zh, name_en, level, parent_id, ancestors, synthetic,
                       population, area_m2)
SELECT c.code, p.name_zh || s || '街道', 'Street ' || s, 'street', p.id, p.ancestors || c.code,
       true, 80000, 8e7
FROM city_area p, generate_series(1, {STREETS}) s,
     LATERAL (SELECT p.code || lpad(s::text, 3, '0') AS code) c
WHERE p.level = 'district';
INSERT INTO city_area (code, name_zh, name_en, level, parent_id, ancestors, synthetic,
                       population, area_m2)
SELECT c.code, p.name_zh || s || '社区', 'Community ' || s, 'community', p.id,
       p.ancestors || c.code, true, 8000, 8e6
FROM city_area p, generate_series(1, {COMMUNITIES}) s,
     LATERAL (SELECT p.code || lpad(s::text, 3, '0') AS code) c
WHERE p.level = 'street';
UPDATE city_area a SET geom = ST_Multi(ST_MakeEnvelope(
    {WEST} + n % {ACROSS} * {CELL}, {SOUTH} + n / {ACROSS} * {CELL},
    {WEST} + (n % {ACROSS} + 1) * {CELL}, {SOUTH} + (n / {ACROSS} + 1) * {CELL}, 4490))
FROM (SELECT id, row_number() OVER (ORDER BY code) - 1 AS n FROM city_area
      WHERE level = 'community') c WHERE c.id = a.id;
INSERT INTO city_unitgrid (code, community_id, geom, area_m2, valid_from, land_use, level_code,
                           responsible_org_code, remark)
SELECT code || '001', id, geom, 8e6, '2020-01-01', '', '', '', ''
FROM city_area WHERE level = 'community';
"""

ORGANISATIONS = f"""
INSERT INTO core_organisation (code, name_zh, name_en, kind, parent_id, path, ancestors, active)
VALUES ('{ROOT_ORG}', '市政府', 'City', 'other', NULL, '/{ROOT_ORG}/', '{{{ROOT_ORG}}}', true);
INSERT INTO core_organisation (code, name_zh, name_en, kind, parent_id, path, ancestors, active)
SELECT o.code, '第' || n || '局', 'Bureau ' || n, 'department', r.id,
       r.path || o.code || '/', r.ancestors || o.code, true
FROM core_organisation r, generate_series(1, {DEPARTMENTS}) n,
     LATERAL (SELECT 'DEP' || lpad(n::text, 2, '0') AS code) o
WHERE r.code = '{ROOT_ORG}';
"""

CATALOGUE = f"""
INSERT INTO city_edition (code, name_zh, name_en, class_width, subclass_width, serial_width,
                          kinds_share_codes, extension_from, is_default)
VALUES ('{EDITION}', '测试目录', 'Bench catalogue', 2, 3, 6, false, '', true);
INSERT INTO city_matter (edition_id, kind, code, class_code, class_zh, class_en, sub_code, name_zh,
                         name_en, aliases, description, evidence, extension, active)
SELECT e.id, CASE WHEN n % 2 = 0 THEN 'event' ELSE 'component' END, x.class || x.sub, x.class,
       '大类' || x.class, 'Class ' || x.class, x.sub, '小类' || x.sub, 'Subclass ' || x.sub,
       '{{}}', '', '', false, true
FROM city_edition e, generate_series(1, {SUBCLASSES}) n,
     LATERAL (SELECT lpad((1 + (n - 1) * {CLASSES} / {SUBCLASSES})::text, 2, '0') AS class,
                     lpad(n::text, 3, '0') AS sub) x
WHERE e.code = '{EDITION}';
INSERT INTO governance_standard (matter_id, condition_key, condition_zh, condition_en, limit_class,
    "limit", unit, make_safe_unit, closing_zh, closing_en, version, valid_from)
SELECT id, 'present', '现场存在问题', 'the problem is there', 'A', 2 + id % 10, 'natural_day', '',
       '问题已消除', 'the problem is gone', 1, '2020-01-01'
FROM city_matter;
"""

#: (state, share of the cases older than two weeks, share of the younger ones), in flow order.
STATES: tuple[tuple[str, float, float], ...] = (
    ("reported", 0.0005, 0.02),
    ("pending_verify", 0.0005, 0.02),
    ("pending_file", 0.0005, 0.02),
    ("pending_dispatch", 0.0005, 0.03),
    ("pending_handle", 0.001, 0.05),
    ("handling", 0.01, 0.28),
    ("suspended", 0.004, 0.01),
    ("deferred", 0.002, 0.005),
    ("pending_feedback", 0.001, 0.02),
    ("pending_check", 0.001, 0.03),
    ("pending_close", 0.001, 0.02),
    ("not_accepted", 0.02, 0.02),
    ("voided", 0.02, 0.02),
    ("closed", 0.938, 0.455),
)


YOUNG = f"d.reported_at > timestamptz '{NOW.isoformat()}' - interval '14 days'"


def _state_sql(chance: str, young: str) -> str:
    """A CASE that draws the state by cumulative shares."""
    arms, old_sum, young_sum = [], 0.0, 0.0
    for state, old_share, young_share in STATES[:-1]:
        old_sum += old_share
        young_sum += young_share
        limit = f"CASE WHEN {young} THEN {young_sum:.4f} ELSE {old_sum:.4f} END"
        arms.append(f"WHEN {chance} < {limit} THEN '{state}'")
    return f"CASE {' '.join(arms)} ELSE '{STATES[-1][0]}' END"


def _rank_sql() -> str:
    """How far along the flow a state is, as a number to compare with."""
    arms = " ".join(f"WHEN '{state}' THEN {rank}" for rank, (state, _, _) in enumerate(STATES))
    return f"CASE state {arms} END"


# Each stage adds what the next one needs; MATERIALIZED keeps an expression from being worked out
# again wherever it is named. Clocks only ever move forward.
CASES = f"""
WITH area AS (
    SELECT id, ancestors, ancestors[2] AS district, row_number() OVER (ORDER BY code) - 1 AS n
    FROM city_area WHERE level = 'community'),
department AS (
    SELECT id, ancestors, row_number() OVER (ORDER BY code) - 1 AS n
    FROM core_organisation WHERE kind = 'department'),
matter AS (
    SELECT m.id, s.id AS standard, s."limit" * interval '1 day' AS span,
           ARRAY['{EDITION}:' || class_code, '{EDITION}:' || code] AS tokens,
           row_number() OVER (ORDER BY code) - 1 AS n
    FROM city_matter m JOIN governance_standard s ON s.matter_id = m.id),
drawn AS MATERIALIZED (
    SELECT n,
        timestamptz '{START.isoformat()}'
            + ((n - 1)::float8 / %(cases)s) * interval '{(NOW - START).days} days' AS reported_at,
        (power(chance(n, 1), 1.6) * {DISTRICTS * STREETS * COMMUNITIES})::int AS area_n,
        (power(chance(n, 2), 2) * {SUBCLASSES})::int AS matter_n, chance(n, 3) AS c3
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n),
placed AS MATERIALIZED (
    SELECT d.*, a.id AS area_id, a.n AS cell, a.district, a.ancestors AS areas,
        m.id AS matter_id, m.standard, m.span, m.tokens, o.id AS dep_id, o.ancestors AS orgs,
        {_state_sql("d.c3", YOUNG)} AS state,
        (ARRAY['citizen','hotline','collector','collector','collector','open311','alarm','video'])
            [1 + (chance(d.n, 4) * 8)::int %% 8] AS channel
    FROM drawn d
    JOIN area a ON a.n = least(d.area_n, {DISTRICTS * STREETS * COMMUNITIES - 1})
    JOIN matter m ON m.n = least(d.matter_n, {SUBCLASSES - 1})
    JOIN department o ON o.n = (m.n * 7 + (chance(d.n, 5) * 3)::int) %% {DEPARTMENTS}),
ranked AS MATERIALIZED (
    SELECT *, {_rank_sql()} AS rank,
        reported_at + chance(n, 6) * interval '45 min' AS accepted,
        channel IN ('citizen', 'hotline', 'open311') AS public
    FROM placed),
filed AS (
    SELECT *, accepted + chance(n, 7) * interval '3 hours' AS verified,
        accepted + interval '3 hours' + chance(n, 8) * interval '40 min' AS filed FROM ranked),
dispatched AS (
    SELECT *, filed + chance(n, 9) * interval '40 min' AS dispatched FROM filed),
due AS MATERIALIZED (
    SELECT *, dispatched + span AS due,
        dispatched + span * (0.05 + 1.15 * power(chance(n, 10), 1.5)) AS handled FROM dispatched),
checked AS MATERIALIZED (
    SELECT *, handled + chance(n, 11) * interval '8 hours' AS checked FROM due)
INSERT INTO governance_case (number, state, channel, urgency, origin, version, matter_id,
    standard_id, description, address, geom, area_id, district_code, public, department_id,
    scope_areas, scope_orgs, scope_matters, reported_at, accepted_at, verified_at, filed_at,
    dispatched_at, signed_at, handled_at, checked_at, closed_at, accept_due_at, verify_due_at,
    file_due_at, dispatch_due_at, handle_due_at, check_due_at, close_due_at, stage,
    stage_started_at, stage_due_at, warned, paused_since, paused_until, verify_result, check_result,
    handle_late, timeout_exempt, rework_count, wrong_dispatch_count, extension_count,
    suspension_count, urge_count, supervision_count, reopen_count, report_count, forced, corrected,
    self_handled, status_note, updated_at)
SELECT CASE WHEN rank BETWEEN 3 AND 10 OR rank >= 12
            THEN 'B' || district || to_char(reported_at, 'YYYYMMDD') || lpad(n::text, 8, '0') END,
    state, channel, CASE WHEN chance(n, 12) < 0.03 THEN 'urgent' ELSE 'normal' END, 'live',
    1 + rank, matter_id, CASE WHEN rank >= 3 AND rank <> 11 THEN standard END,
    '市民反映: 某路段出现问题' || n || ', 请尽快派人处理, 已影响附近居民出行和生活。',
    '测试路' || (n %% 900) || '号',
    ST_SetSRID(ST_MakePoint({WEST} + (cell %% {ACROSS} + chance(n, 14)) * {CELL},
                            {SOUTH} + (cell / {ACROSS} + chance(n, 16)) * {CELL}), 4490),
    area_id, district, true, CASE WHEN rank BETWEEN 4 AND 10 OR rank >= 12 THEN dep_id END,
    areas, CASE WHEN rank BETWEEN 4 AND 10 OR rank >= 12 THEN orgs ELSE '{{}}' END, tokens,
    reported_at, CASE WHEN rank >= 1 THEN accepted END,
    CASE WHEN rank >= 2 AND public THEN verified END,
    CASE WHEN rank BETWEEN 3 AND 10 OR rank >= 12 THEN filed END,
    CASE WHEN rank BETWEEN 4 AND 10 OR rank >= 12 THEN dispatched END,
    CASE WHEN rank BETWEEN 5 AND 10 OR rank >= 12 THEN dispatched + interval '30 min' END,
    CASE WHEN rank BETWEEN 8 AND 10 OR rank = 13 THEN handled END,
    CASE WHEN rank = 10 OR rank = 13 THEN checked END,
    CASE WHEN rank = 13 THEN checked + chance(n, 17) * interval '2 hours' END,
    reported_at + interval '30 min',
    CASE WHEN public THEN accepted + interval '2 hours' END,
    CASE WHEN rank >= 2 THEN accepted + interval '210 min' END,
    CASE WHEN rank >= 3 THEN filed + interval '30 min' END,
    CASE WHEN rank BETWEEN 4 AND 10 OR rank >= 12 THEN due END,
    CASE WHEN rank BETWEEN 9 AND 10 OR rank = 13 THEN handled + interval '6 hours' END,
    CASE WHEN rank BETWEEN 4 AND 10 OR rank >= 12 THEN due + interval '8 hours' END,
    CASE WHEN rank >= 11 THEN '' WHEN rank <= 2 THEN 'accept' WHEN rank = 3 THEN 'dispatch'
         WHEN rank <= 7 THEN 'handle' WHEN rank = 8 THEN 'feedback' WHEN rank = 9 THEN 'check'
         ELSE 'close' END,
    CASE WHEN rank < 11 THEN dispatched END, CASE WHEN rank < 11 THEN due END, 0,
    CASE WHEN rank IN (6, 7) THEN dispatched + span / 2 END,
    CASE WHEN rank IN (6, 7) THEN dispatched + span / 2 + interval '30 days' END,
    CASE WHEN rank >= 2 AND public THEN 'exists' ELSE '' END,
    CASE WHEN rank >= 10 THEN 'pass' ELSE '' END,
    rank BETWEEN 8 AND 13 AND rank NOT IN (11, 12) AND handled > due, chance(n, 18) < 0.004,
    CASE WHEN chance(n, 19) < 0.05 THEN 1 + (chance(n, 20) * 2)::int ELSE 0 END,
    CASE WHEN chance(n, 21) < 0.08 THEN 1 ELSE 0 END,
    CASE WHEN chance(n, 22) < 0.06 THEN 1 ELSE 0 END,
    CASE WHEN rank = 6 OR chance(n, 23) < 0.01 THEN 1 ELSE 0 END, 0, 0,
    CASE WHEN rank = 13 AND chance(n, 24) < 0.01 THEN 1 ELSE 0 END, 1,
    rank = 13 AND chance(n, 25) < 0.003, chance(n, 26) < 0.02, false, '', reported_at
FROM checked ORDER BY n
"""


def _insert_cases(cursor: Any, cases: int) -> None:
    """In batches, so that progress is visible and the sort stays in memory."""
    batch = 100_000
    for first in range(1, cases + 1, batch):
        last = min(first + batch - 1, cases)
        cursor.execute(CASES, {"cases": cases, "first": first, "last": last})
        print(f"\r  cases {last:,} of {cases:,}", end="", flush=True)
    print()


REPORTS = """
INSERT INTO governance_report (number, case_id, channel, source, external_id, idempotency_key, text,
    address, place_note, matter_id, reported_at, received_at, attachments, media_url, attributes,
    suggestions, first_found_by_public)
SELECT 'R' || id, id, channel, '', '', '', description, address, '', matter_id, reported_at,
    reported_at, '{}', '', '{}', '{}',
    channel IN ('citizen', 'hotline', 'open311') AND chance(id, 30) < 0.2
FROM governance_case
"""

VISITS = """
INSERT INTO governance_visitback (report_id, case_id, due_at, done_at, channel, reached, answered,
    solved, satisfied, note)
SELECT r.id, c.id, c.closed_at + interval '3 days',
    c.closed_at + chance(c.id, 31) * interval '3 days', 'phone', chance(c.id, 32) < 0.7,
    chance(c.id, 33) < 0.9, chance(c.id, 34) < 0.8, chance(c.id, 35) < 0.75, ''
FROM governance_report r JOIN governance_case c ON c.id = r.case_id
WHERE c.state = 'closed' AND r.channel IN ('citizen', 'hotline', 'open311')
"""

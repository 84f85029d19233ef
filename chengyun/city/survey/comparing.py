"""What a survey would change: new, changed, gone, the same. Sets against sets, no row by row.

May run again at any time before the survey is applied; what a reviewer declined stays declined.
"""

# ruff: noqa: S608  (tables and columns come from `registers`, never from a file)

import hashlib
from typing import Any

import numpy as np
from django.db import connection, transaction

from chengyun.city.models import Area, ComponentClass, Survey, SurveyRow
from chengyun.city.snapshot import catalogue
from chengyun.city.survey.near import near_pairs
from chengyun.city.survey.overlaps import overlapping
from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.registers import REGISTERS, Part, Register
from chengyun.city.survey.staging import table_of

#: New rows that are kept one by one for a reviewer; more are only counted.
MOST_NEW_SHOWN = 100_000
#: Millions of rows take longer than a page may: so long each statement of a survey has.
PATIENCE = "SET LOCAL statement_timeout = '2h'"


def diff_table(survey: Survey) -> str:
    """The table of what is registered and differs: line, id, before, after."""
    return f"city_survey_changed_{survey.pk}"


def gone_table(survey: Survey) -> str:
    """The table of what is registered and was not found any more: id."""
    return f"city_survey_gone_{survey.pk}"


@transaction.atomic
def compare(survey: Survey, *, show_new: bool = True) -> str:
    """Bring a survey's numbers and rows to what it would change now; returns a digest of it."""
    register = REGISTERS[survey.register]
    declined = _declined(survey)
    survey.rows.exclude(verdict=SurveyRow.Verdict.REJECTED).delete()
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        # It was filled this moment: nobody has told the planner yet how much lies there.
        cursor.execute(f"ANALYZE {table_of(survey)}")
        if register.name == "components":
            _find_by_source(cursor, survey)
        _reject_repeated(cursor, survey, register)
        if register.name == "components":
            _reject_removed(cursor, survey)
            _reject_near(cursor, survey)
        _find_gone(cursor, survey, register)
        if register.name == "unit_grids":
            _reject_overlaps(cursor, survey)
        _find_changed(cursor, survey, register)
        _count(cursor, survey, register)
        shown = show_new and survey.new <= MOST_NEW_SHOWN
        _write(cursor, survey, register, show_new=shown)
        for line, code in declined:
            survey.rows.filter(line=line, code=code).update(declined=True)
    survey.rejected = survey.rows.filter(verdict=SurveyRow.Verdict.REJECTED).count()
    digest = _digest(survey)
    survey.settings = {**survey.settings, "digest": digest, "new_shown": shown}
    survey.save(update_fields=["new", "changed", "gone", "same", "rejected", "settings"])
    return digest


def _declined(survey: Survey) -> list[tuple[int | None, str]]:
    rows = survey.rows.filter(declined=True).exclude(verdict=SurveyRow.Verdict.REJECTED)
    return list(rows.values_list("line", "code"))


def _same_key(register: Register, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in register.key)


def _reject(
    cursor: Any, survey: Survey, register: Register, reason: Reason, chosen: str, values: list[Any]
) -> None:
    """Take rows out of the staging table. `chosen` gives line and detail of each."""
    table = table_of(survey)
    code = f"coalesce(s.{register.key[0]}, '')"
    geom = _shape(register)
    cursor.execute(
        f"""
        WITH chosen (line, detail) AS MATERIALIZED ({chosen}), taken AS (
            DELETE FROM {table} s USING chosen WHERE s.line = chosen.line
            RETURNING s.*, chosen.detail
        ), kept AS (
            INSERT INTO city_surveyrow
                (survey_id, line, verdict, code, reason, detail, after, geom, declined)
            SELECT %s, s.line, 'rejected', {code}, %s, coalesce(s.detail, ''),
                jsonb_strip_nulls(to_jsonb(s) - '{{geom,outline,detail,line}}'::text[]),
                {geom}, false
            FROM taken s
        )
        SELECT count(*) FROM taken
        """,
        [*values, survey.pk, reason.value],
    )
    (taken,) = cursor.fetchone()
    if taken:
        survey.settings["staged"] -= taken


def _shape(register: Register) -> str:
    """What is drawn of a row of the staging table."""
    point = "ST_SetSRID(ST_Point(s.lon, s.lat), 4490)"
    return {"unit_grids": "s.geom", "components": f"coalesce(s.outline, {point})"}.get(
        register.name, point
    )


def _find_by_source(cursor: Any, survey: Survey) -> None:
    """Rows without a code that name their origin (`osm:123`) are what was registered from it."""
    if not survey.settings.get("make_codes"):
        return
    cursor.execute(f"""
        UPDATE {table_of(survey)} s SET code = r.code
        FROM city_component r
        WHERE s.code IS NULL AND s.source <> '' AND r.source = s.source AND r.state <> 'removed'
          AND r.component_class_id = s.component_class_id
          AND NOT EXISTS (SELECT FROM city_component o WHERE o.source = r.source AND o.id <> r.id)
    """)


def _reject_repeated(cursor: Any, survey: Survey, register: Register) -> None:
    table, key = table_of(survey), ", ".join(register.key)
    twice = (
        f"SELECT {key}, min(line) AS first FROM {table} WHERE {register.key[0]} IS NOT NULL "
        f"GROUP BY {key} HAVING count(*) > 1"
    )
    _reject(
        cursor, survey, register, Reason.REPEATED,
        f"SELECT s.line, twice.first::text FROM {table} s JOIN ({twice}) twice "
        f"ON {_same_key(register, 's', 'twice')} WHERE s.line > twice.first", [],
    )  # fmt: skip


def _reject_removed(cursor: Any, survey: Survey) -> None:
    _reject(
        cursor, survey, REGISTERS["components"], Reason.REMOVED,
        f"SELECT s.line, ''::text FROM {table_of(survey)} s JOIN city_component r USING (code) "
        "WHERE r.state = 'removed'", [],
    )  # fmt: skip


def _reject_near(cursor: Any, survey: Survey) -> None:
    """Duplicates by place, in the file and beside what is registered under another code."""
    metres = float(survey.settings.get("tolerance") or 0)
    if metres <= 0:
        return
    table = table_of(survey)
    cursor.execute(f"SELECT line, component_class_id, lon, lat FROM {table} ORDER BY line")
    staged = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 4)
    if not len(staged):
        return
    margin = metres / 50_000
    box = [float(v) for v in (staged[:, 2].min(), staged[:, 3].min(),
                              staged[:, 2].max(), staged[:, 3].max())]  # fmt: skip
    cursor.execute(
        f"""
        SELECT r.id, r.component_class_id, ST_X(r.geom), ST_Y(r.geom) FROM city_component r
        WHERE r.state <> 'removed'
          AND r.geom && ST_MakeEnvelope(%s, %s, %s, %s, 4490)
          AND r.component_class_id = ANY (%s)
          AND NOT EXISTS (SELECT FROM {table} s WHERE s.code = r.code)
        """,
        [box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin,
         np.unique(staged[:, 1]).astype(int).tolist()],
    )  # fmt: skip
    stored = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 4)
    rows = np.concatenate([stored, staged])
    first, second = near_pairs(rows[:, 2], rows[:, 3], rows[:, 1].astype(np.int64), metres)
    later = second >= len(stored)
    first, second = first[later], second[later]
    beside = first < len(stored)
    registered = {int(rows[b, 0]): int(rows[a, 0]) for a, b in
                  zip(first[beside], second[beside], strict=True)}  # fmt: skip
    repeated: dict[int, int] = {}
    # Of three in a row the middle one goes, and then the third has nothing near any more.
    for a, b in sorted(zip(rows[first[~beside], 0], rows[second[~beside], 0], strict=True)):
        if int(a) not in repeated and int(a) not in registered and int(b) not in registered:
            repeated[int(b)] = int(a)
    for reason, found in ((Reason.NEAR_REGISTERED, registered), (Reason.REPEATED_PLACE, repeated)):
        if found:
            detail = "coalesce((SELECT r.code FROM city_component r WHERE r.id = near.id), '')"
            if reason is Reason.REPEATED_PLACE:
                detail = "near.id::text"
            _reject(
                cursor, survey, REGISTERS["components"], reason,
                f"SELECT near.line, {detail} FROM "
                "unnest(%s::bigint[], %s::bigint[]) AS near (line, id)",
                [list(found), list(found.values())],
            )  # fmt: skip


def _reject_overlaps(cursor: Any, survey: Survey) -> None:
    """Grids must not overlap each other, nor those that are registered, on any day from today."""
    over = overlapping(cursor, survey, gone_table(survey))
    if over:
        _reject(
            cursor, survey, REGISTERS["unit_grids"], Reason.OVERLAP,
            "SELECT o.line, o.said FROM unnest(%s::bigint[], %s::text[]) AS o (line, said)",
            [list(over), list(over.values())],
        )  # fmt: skip


def _area(register: Register) -> str:
    """In which area a row of the register lies: that of its grid, else the one at its place."""
    if register.name == "unit_grids":
        return "r.community_id"
    return """coalesce((SELECT g.community_id FROM city_unitgrid g WHERE g.id = r.unit_grid_id),
        (SELECT a.id FROM city_area a WHERE r.unit_grid_id IS NULL AND ST_Covers(a.geom, r.geom)
         ORDER BY cardinality(a.ancestors) DESC, a.id LIMIT 1))"""


def _find_gone(cursor: Any, survey: Survey, register: Register) -> None:
    """What is registered within the extent that the survey declares, and not in it."""
    cursor.execute(f"DROP TABLE IF EXISTS {gone_table(survey)}")
    cursor.execute(f"CREATE UNLOGGED TABLE {gone_table(survey)} (id bigint, code text)")
    complete = survey.settings.get("complete")
    if not complete:
        return
    conditions, values = ["NOT EXISTS (SELECT FROM {t} s WHERE {k})".format(
        t=table_of(survey), k=_same_key(register, "s", "r"))], list[Any]()  # fmt: skip
    # A row that could not be read is not gone: somebody has to mend it first.
    conditions.append(
        "NOT EXISTS (SELECT FROM city_surveyrow w WHERE w.survey_id = %s "
        f"AND w.verdict = 'rejected' AND w.code = r.{register.key[0]})"
    )
    values.append(survey.pk)
    area = _area(register)
    if complete.get("areas"):
        inside = [a.id for a in catalogue().areas.values()
                  if not set(a.ancestors).isdisjoint(complete["areas"])]  # fmt: skip
        conditions.append(f"{area} = ANY (%s)")
        values.append(inside)
    if survey.settings.get("allowed") is not None:
        conditions.append(f"{area} = ANY (%s)")
        values.append(survey.settings["allowed"])
    if register.name == "components":
        conditions.append("r.state <> 'removed'")
        conditions.append("r.component_class_id = ANY (%s)")
        values.append(_classes(cursor, survey, complete.get("classes") or []))
    elif register.name == "unit_grids":
        conditions.append("r.valid_until IS NULL")
    else:
        conditions.append("false")  # Addresses are never removed: cases point to them.
    cursor.execute(
        f"INSERT INTO {gone_table(survey)} SELECT r.id, r.{register.key[0]} "
        f"FROM {register.table} r WHERE {' AND '.join(conditions)}",
        values,
    )


def _classes(cursor: Any, survey: Survey, named: list[str]) -> list[int]:
    """The classes that a survey covers: those that it names, else those that occur in it."""
    if named:
        edition = survey.settings.get("edition") or catalogue().default_edition.code
        rows = ComponentClass.objects.filter(edition__code=edition)
        return [row.pk for row in rows if row.code.startswith(tuple(named))]
    cursor.execute(f"SELECT DISTINCT component_class_id FROM {table_of(survey)}")
    return [row[0] for row in cursor.fetchall()]


def said_of(parts: list[Part], side: str) -> str:
    """A jsonb expression of what people read of one side: "r" or "new"."""
    pairs = []
    for part in parts:
        value = (
            f"r.{part.column}" if side == "r" else f"({part.changed if side == 's' else part.new})"
        )
        pairs += [f"'{name}', {form.format(value)}" for name, form in part.said]
    return f"jsonb_build_object({', '.join(pairs)})"


def _find_changed(cursor: Any, survey: Survey, register: Register) -> None:
    table = diff_table(survey)
    parts = register.changing(survey.settings["fields"])
    stored = ", ".join(f"r.{part.column}" for part in parts)
    wanted = ", ".join(f"({part.changed})" for part in parts)
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(f"""
        CREATE UNLOGGED TABLE {table} AS
        SELECT line, id, code,
            (SELECT coalesce(jsonb_object_agg(o.key, o.value), '{{}}') FROM jsonb_each(old) o
             WHERE o.value IS DISTINCT FROM new -> o.key) AS before,
            (SELECT coalesce(jsonb_object_agg(n.key, n.value), '{{}}') FROM jsonb_each(new) n
             WHERE n.value IS DISTINCT FROM old -> n.key) AS after, geom
        FROM (
            SELECT s.line, r.id, r.{register.key[0]} AS code, {said_of(parts, "r")} AS old,
                {said_of(parts, "s")} AS new,
                {_shape(register)} AS geom
            FROM {table_of(survey)} s
            JOIN {register.table} r ON {_same_key(register, "s", "r")}
            WHERE ({stored}) IS DISTINCT FROM ({wanted})
        ) differing
    """)
    allowed = survey.settings.get("allowed")
    if allowed is not None:
        _reject_foreign(cursor, survey, register, allowed)


def _reject_foreign(cursor: Any, survey: Survey, register: Register, allowed: list[int]) -> None:
    """What stands in somebody else's area is not taken out of it by a survey."""
    _reject(
        cursor, survey, register, Reason.OUTSIDE_REACH,
        f"SELECT d.line, ''::text FROM {diff_table(survey)} d JOIN {register.table} r USING (id) "
        f"WHERE NOT coalesce({_area(register)} = ANY (%s), false)", [allowed],
    )  # fmt: skip
    cursor.execute(
        f"DELETE FROM {diff_table(survey)} d "
        f"WHERE NOT EXISTS (SELECT FROM {table_of(survey)} s WHERE s.line = d.line)"
    )


def _count(cursor: Any, survey: Survey, register: Register) -> None:
    cursor.execute(f"""
        SELECT (SELECT count(*) FROM {table_of(survey)}),
            (SELECT count(*) FROM {table_of(survey)} s
             JOIN {register.table} r ON {_same_key(register, "s", "r")}),
            (SELECT count(*) FROM {diff_table(survey)}), (SELECT count(*) FROM {gone_table(survey)})
    """)
    staged, known, survey.changed, survey.gone = cursor.fetchone()
    survey.new, survey.same = staged - known, known - survey.changed


def _write(cursor: Any, survey: Survey, register: Register, *, show_new: bool) -> None:
    """Rows for people to review."""
    into = (
        "INSERT INTO city_surveyrow (survey_id, line, verdict, code, reason, detail, "
        "before, after, geom, declined)"
    )
    cursor.execute(
        f"{into} SELECT %s, line, 'changed', code, '', '', before, after, geom, false "
        f"FROM {diff_table(survey)} ORDER BY line",
        [survey.pk],
    )
    cursor.execute(
        f"{into} SELECT %s, NULL, 'gone', g.code, '', '', NULL, NULL, r.geom, false "
        f"FROM {gone_table(survey)} g JOIN {register.table} r USING (id) ORDER BY g.code",
        [survey.pk],
    )
    if show_new:
        said = said_of(register.registering(), "new")
        cursor.execute(
            f"{into} SELECT %s, s.line, 'new', coalesce(s.{register.key[0]}, ''), '', '', NULL, "
            f"jsonb_strip_nulls({said}), {_shape(register)}, false FROM {table_of(survey)} s "
            "WHERE NOT EXISTS ("
            f"SELECT FROM {register.table} r WHERE {_same_key(register, 's', 'r')}) "
            "ORDER BY s.line",
            [survey.pk],
        )


def _digest(survey: Survey) -> str:
    """What a reviewer saw: another digest means that the register changed since."""
    total = hashlib.sha256(f"{survey.new} {survey.gone}".encode())
    rows = survey.rows.filter(verdict__in=["changed", "gone"]).order_by("line", "code")
    for line, code, before, after in rows.values_list("line", "code", "before", "after").iterator():
        total.update(repr((line, code, sorted((before or {}).items(), key=str),
                           sorted((after or {}).items(), key=str))).encode())  # fmt: skip
    return total.hexdigest()


def allowed_areas(roles_scope: Any) -> list[int] | None:
    """The areas of which a scope admits everything; None for all of the city."""
    areas = list(Area.objects.values_list("id", "ancestors"))
    allowed = [pk for pk, ancestors in areas if roles_scope.admits(ancestors, [], [])]
    return None if len(allowed) == len(areas) else allowed

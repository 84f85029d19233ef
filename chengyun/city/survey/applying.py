"""The statements that bring a survey into its register, inside one transaction of the caller."""

# ruff: noqa: S608  (tables and columns come from `registers`, never from a file)

from typing import Any

from django.utils import timezone

from chengyun.city.models import Survey
from chengyun.city.snapshot import catalogue
from chengyun.city.survey.comparing import diff_table, gone_table
from chengyun.city.survey.registers import Register
from chengyun.city.survey.staging import table_of
from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict


def leave_out_declined(cursor: Any, survey: Survey) -> None:
    """Take out of the survey's tables what a reviewer did not want."""
    declined = "FROM city_surveyrow w WHERE w.survey_id = %s AND w.declined"
    for table in (table_of(survey), diff_table(survey)):
        cursor.execute(
            f"DELETE FROM {table} t WHERE t.line IN (SELECT w.line {declined})", [survey.pk]
        )
    cursor.execute(
        f"DELETE FROM {gone_table(survey)} t WHERE t.code IN (SELECT w.code {declined} "
        "AND w.verdict = 'gone')",
        [survey.pk],
    )


def make_codes(cursor: Any, survey: Survey) -> None:
    """District + class + the next serial number, in the order of the file. Removed ones count."""
    if not survey.settings["make_codes"]:
        return
    known = catalogue()
    edition = known.editions[survey.settings["edition"] or known.default_edition.code]
    width, serial = 6 + edition.class_width + edition.subclass_width, edition.serial_width
    table = table_of(survey)
    cursor.execute(
        f"""
        WITH numbered AS MATERIALIZED (
            SELECT s.line, s.district || k.class_code || k.sub_code AS prefix,
                row_number() OVER (PARTITION BY s.district, k.id ORDER BY s.line) AS number
            FROM {table} s JOIN city_componentclass k ON k.id = s.component_class_id
            WHERE s.code IS NULL
        ), named AS (
            SELECT left(s.code, %(width)s) AS prefix, max(right(s.code, %(serial)s))::bigint AS last
            FROM {table} s WHERE s.code IS NOT NULL GROUP BY 1
        ), highest AS (
            -- The last code of a prefix stands at the end of its range in the index of patterns.
            SELECT prefix, coalesce(greatest(named.last, (
                SELECT right(r.code, %(serial)s)::bigint FROM city_component r
                WHERE r.code ~>=~ prefix AND r.code ~<~ (prefix || ':')
                  AND length(r.code) = %(whole)s
                ORDER BY r.code USING ~>~ LIMIT 1)), 0) AS serial
            FROM (SELECT DISTINCT prefix FROM numbered) prefixes LEFT JOIN named USING (prefix)
        )
        UPDATE {table} s
        SET code = n.prefix || lpad((h.serial + n.number)::text, %(serial)s, '0')
        FROM numbered n JOIN highest h USING (prefix) WHERE n.line = s.line
        RETURNING h.serial + n.number
        """,
        {"serial": serial, "width": width, "whole": width + serial},
    )
    if any(number >= 10**serial for (number,) in cursor.fetchall()):
        raise Conflict(
            zh="某区某类的顺序号已用完。",
            en="The serial numbers of a class in a district are used up.",
            remedy_zh="由目录管理员增设小类。",
            remedy_en="Let the catalogue's manager add a subclass.",
        )


def count_later(cursor: Any, survey: Survey) -> None:
    """Take what is about to change out of the counts, which are kept by hand meanwhile."""
    cursor.execute("SET LOCAL chengyun.counting = 'later'")
    cursor.execute("DROP TABLE IF EXISTS city_counted")
    cursor.execute(
        "CREATE TEMP TABLE city_counted ON COMMIT DROP AS "
        f"SELECT id FROM {diff_table(survey)} UNION SELECT id FROM {gone_table(survey)}"
    )
    cursor.execute("SELECT r.id FROM city_component r JOIN city_counted USING (id) "
                   "ORDER BY r.id FOR UPDATE OF r")  # fmt: skip
    cursor.execute("SELECT city_components_counted(-1)")


def change(cursor: Any, survey: Survey, register: Register, actor: Actor) -> int:
    """Change what differs, with a row of history each; returns how many."""
    parts = register.changing(survey.settings["fields"])
    values = [f"{part.column} = made.v_{part.column}" for part in parts]
    today: list[Any] = []
    if register.name == "components" and "changed_on" not in survey.settings["fields"]:
        values.append("changed_on = %s")
        today = [timezone.localdate()]
    # The new values are worked out from the row as it was, before any of it is written.
    cursor.execute(
        f"UPDATE {register.table} target SET {', '.join(values)} FROM ("
        f"SELECT r.id, {', '.join(f'{p.changed} AS v_{p.column}' for p in parts)} "
        f"FROM {diff_table(survey)} d JOIN {register.table} r USING (id) "
        f"JOIN {table_of(survey)} s ON s.line = d.line) made WHERE made.id = target.id",
        today,
    )
    changed = int(cursor.rowcount)
    if register.name == "components":
        _tell_history(cursor, survey, actor, "change", "d.before, d.after", diff_table(survey))
    return changed


def remove(cursor: Any, survey: Survey, register: Register, actor: Actor) -> int:
    """Take out of the street, or let end, what is gone; returns how many."""
    gone = f"WHERE id IN (SELECT id FROM {gone_table(survey)})"
    if register.name == "components":
        before = "jsonb_build_object('state', r.state), jsonb_build_object('state', 'removed')"
        _tell_history(cursor, survey, actor, "remove", before, gone_table(survey))
        cursor.execute(
            f"UPDATE city_component SET state = 'removed', changed_on = %s {gone}",
            [timezone.localdate()],
        )
    elif register.name == "unit_grids":
        # A grid that began today ends tomorrow: it held for a day.
        cursor.execute(
            f"UPDATE city_unitgrid SET valid_until = greatest(%s, valid_from + 1) {gone}",
            [timezone.localdate()],
        )
    else:
        return 0
    return int(cursor.rowcount)


def _tell_history(
    cursor: Any, survey: Survey, actor: Actor, verb: str, sides: str, table: str
) -> None:
    cursor.execute(
        "INSERT INTO city_componentchange "
        "(component_id, at, verb, actor, origin, survey_id, before, after) "
        f"SELECT r.id, now(), %s, %s, 'survey', %s, {sides} "
        f"FROM {table} d JOIN city_component r USING (id) ORDER BY r.id",
        [verb, actor.label, survey.pk],
    )


def register_new(cursor: Any, survey: Survey, register: Register) -> int:
    """New rows in the order of their place: what is drawn together lies together."""
    parts = register.registering()
    columns = [part.column for part in parts]
    values = [part.new for part in parts]
    if register.name == "components":
        columns.append("survey_id")
        values.append(str(survey.pk))
    key = " AND ".join(f"r.{name} = s.{name}" for name in register.key)
    cursor.execute(
        f"INSERT INTO {register.table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table_of(survey)} s WHERE NOT EXISTS (SELECT FROM {register.table} r WHERE {key}) "
        f"ORDER BY {next(part.new for part in parts if part.column == 'geom')}"
    )
    return int(cursor.rowcount)

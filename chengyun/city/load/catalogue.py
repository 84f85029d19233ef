"""Loading the code catalogue: the national editions that travel with us, then the city's own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chengyun.city import codes
from chengyun.city.load.folder import FolderReader
from chengyun.city.load.report import Count
from chengyun.city.load.table import (
    CellError,
    Column,
    Problems,
    Row,
    Table,
    boolean,
    integer,
    one_of,
    read_table,
)
from chengyun.city.load.upsert import upsert
from chengyun.city.models import ComponentClass, Crosswalk, Edition, Matter
from chengyun.core.words import Both

NATIONAL = Path(__file__).resolve().parent.parent / "catalogues"


def width(cell: str) -> int:
    """Read how many characters a code has."""
    value = integer(cell)
    if not 1 <= value <= 9:
        raise CellError(
            Both(f"代码不能是 {value} 位", f"a code of {value} characters is not possible"),
            Both("写 1 至 9", "write 1 to 9"),
        )
    return value


def words(cell: str) -> list[str]:
    """Read words separated by `|`."""
    return [word.strip() for word in cell.split("|") if word.strip()]


EDITION_COLUMNS = [
    Column("edition"),
    Column("name_zh"),
    Column("name_en", required=False),
    Column("class_width", parse=width),
    Column("subclass_width", parse=width),
    Column("serial_width", required=False, parse=width, default=6),
    Column("kinds_share_codes", required=False, parse=boolean, default=False),
    Column("extension_from", required=False),
]
CLASS_COLUMNS = [
    Column("edition"),
    Column("class_code"),
    Column("class_zh"),
    Column("class_en", required=False),
    Column("sub_code"),
    Column("name_zh"),
    Column("name_en", required=False),
    Column("evidence", required=False),
]
MATTER_COLUMNS = [
    Column("edition"),
    Column("kind", parse=one_of(Matter.Kind.values)),
    *CLASS_COLUMNS[1:7],
    Column("description", required=False),
    Column("evidence", required=False),
    Column("active", required=False, parse=boolean, default=True),
    Column("aliases", required=False, parse=words, default=[]),
]
ALIAS_COLUMNS = [Column("edition"), Column("matter"), Column("aliases", parse=words)]
CROSSWALK_COLUMNS = [
    Column("from_edition"),
    Column("from_kind", parse=one_of(Matter.Kind.values)),
    Column("from_code"),
    Column("to_edition"),
    Column("to_code"),
    Column("note", required=False),
]
_LETTER = {Matter.Kind.COMPONENT: "C", Matter.Kind.EVENT: "E"}


@dataclass
class _Draft:
    """The catalogue being put together from files, before anything is written."""

    editions: dict[str, Edition] = field(default_factory=dict)
    national: set[str] = field(default_factory=set)
    classes: dict[tuple[str, str], ComponentClass] = field(default_factory=dict)
    matters: dict[tuple[str, str], Matter] = field(default_factory=dict)
    crosswalk: dict[tuple[str, str, str, str], Row] = field(default_factory=dict)


def load_catalogue(reader: FolderReader) -> dict[str, Count]:
    """Load the national lists and the additions of the folder; the city's edition is the default.

    A city may add editions of its own, and to a national edition subclasses with the numbers that
    the edition leaves to cities. A matter that a folder no longer names stays: cases point to it.
    """
    draft = _Draft()
    _read_lists(draft, _shipped(reader.problems), national=True)
    draft.national = set(draft.editions)
    _read_lists(draft, _of_folder(reader), national=False)
    default = str(reader.city.get("edition", ""))
    if default not in draft.editions:
        known = ", ".join(sorted(draft.editions))
        what = (
            Both(f"没有目录版本 {default!r}", f"the edition {default!r} is not known")
            if default
            else Both("未写目录版本", "no edition is named")
        )
        remedy = Both(f"可用：{known}", f"write one of {known}")
        reader.problems.add("city.toml", None, "edition", what, remedy)
    if reader.problems:
        return {}
    _spread_aliases(draft)
    return _write(draft, default)


@dataclass(frozen=True)
class _Source:
    """The files of one origin, each kind as a list of tables."""

    tables: Callable[[str, list[Column], tuple[str, ...]], Iterable[Table]]


def _shipped(problems: Problems) -> _Source:
    def tables(pattern: str, columns: list[Column], unique: tuple[str, ...]) -> Iterable[Table]:
        for path in sorted(NATIONAL.glob(pattern)):
            name = f"catalogues/{path.name}"
            yield read_table(path, columns, problems=problems, name=name, unique=unique)

    return _Source(tables)


def _of_folder(reader: FolderReader) -> _Source:
    def tables(pattern: str, columns: list[Column], unique: tuple[str, ...]) -> Iterable[Table]:
        return reader.tables(f"catalogue/{pattern}", columns, unique=unique)

    return _Source(tables)


def _read_lists(draft: _Draft, source: _Source, *, national: bool) -> None:
    for table in source.tables("editions.csv", EDITION_COLUMNS, ("edition",)):
        for row in table:
            if row["edition"] in draft.national:
                what = Both(
                    f"{row['edition']} 是国家标准版本", f"{row['edition']} is a national edition"
                )
                remedy = Both("本市自有版本另取代码", "give the city's own edition another code")
                table.fault(row, "edition", what, remedy)
                continue
            values = {c.name: row[c.name] for c in EDITION_COLUMNS[1:]}
            draft.editions[row["edition"]] = Edition(code=row["edition"], **values)
    for table in source.tables(
        "components_*.csv", CLASS_COLUMNS, ("edition", "class_code", "sub_code")
    ):
        for row in table:
            _add_class(draft, table, row, national)
    unique = ("edition", "kind", "class_code", "sub_code")
    for table in source.tables("matters_*.csv", MATTER_COLUMNS, unique):
        for row in table:
            _add_matter(draft, table, row, national)
    for table in source.tables("aliases.csv", ALIAS_COLUMNS, ("edition", "matter")):
        for row in table:
            matter = draft.matters.get((row["edition"], row["matter"]))
            if matter is None:
                _unknown_matter(table, row, "matter", row["edition"], row["matter"])
            else:
                matter.aliases = list(dict.fromkeys([*matter.aliases, *row["aliases"]]))
    for table in source.tables("crosswalk.csv", CROSSWALK_COLUMNS, ()):
        for row in table:
            key = (row["from_edition"], row["from_code"], row["to_edition"], row["to_code"])
            for edition, code, column in ((*key[:2], "from_code"), (*key[2:], "to_code")):
                if (edition, code) not in draft.matters:
                    _unknown_matter(table, row, column, edition, code)
            draft.crosswalk[key] = row


def _unknown_matter(table: Table, row: Row, column: str, edition: str, code: str) -> None:
    what = Both(f"版本 {edition} 没有事项 {code}", f"the edition {edition} has no matter {code}")
    remedy = Both(
        "改正代码，或将其加入 catalogue/matters_*.csv",
        "correct the code, or add it to catalogue/matters_*.csv",
    )
    table.fault(row, column, what, remedy)


def _fits(draft: _Draft, table: Table, row: Row, *, known: bool, national: bool) -> Edition | None:
    """The edition of a row whose codes have its widths and may be given by who gives them."""
    edition = draft.editions.get(row["edition"])
    if edition is None:
        known_editions = ", ".join(sorted(draft.editions))
        what = Both(f"没有版本 {row['edition']}", f"{row['edition']} is not known")
        remedy = Both(f"可用：{known_editions}", f"use {known_editions}")
        table.fault(row, "edition", what, remedy)
        return None
    for column, size in (
        ("class_code", edition.class_width),
        ("sub_code", edition.subclass_width),
    ):
        if len(row[column]) != size or not row[column].isalnum():
            what = Both(
                f"{row[column]!r} 不是 {size} 位代码",
                f"{row[column]!r} is not a code of {size} characters",
            )
            remedy = Both(
                f"版本 {edition.code} 为 {size} 位，前面的零计入（01）",
                f"the edition {edition.code} has {size}; zeros in front count (01)",
            )
            table.fault(row, column, what, remedy)
            return None
    if not national and not known and edition.code in draft.national:
        try:
            codes.subclass_code(
                row["sub_code"],
                width=edition.subclass_width,
                extension_from=edition.extension_from,
            )
        except codes.CodeError as error:
            table.fault(row, "sub_code", error.what, error.remedy)
            return None
    return edition


def _add_class(draft: _Draft, table: Table, row: Row, national: bool) -> None:
    key = (row["edition"], row["class_code"] + row["sub_code"])
    old = draft.classes.get(key)
    edition = _fits(draft, table, row, known=old is not None, national=national)
    if edition is None or not _keeps_name(draft, table, row, old, national):
        return
    values = {c.name: row[c.name] for c in CLASS_COLUMNS[1:]}
    extension = not national and edition.code in draft.national and old is None
    draft.classes[key] = ComponentClass(
        edition=edition, extension=old.extension if old else extension, **values
    )
    if edition.kinds_share_codes:
        # The older editions have no list of matters for components: each class is one.
        matter = Matter(
            edition=edition,
            kind=Matter.Kind.COMPONENT,
            code="C" + key[1],
            extension=extension,
            **values,
        )
        draft.matters[(edition.code, matter.code)] = matter


def _add_matter(draft: _Draft, table: Table, row: Row, national: bool) -> None:
    edition = draft.editions.get(row["edition"])
    letter = _LETTER[Matter.Kind(row["kind"])] if edition and edition.kinds_share_codes else ""
    key = (row["edition"], letter + row["class_code"] + row["sub_code"])
    old = draft.matters.get(key)
    edition = _fits(draft, table, row, known=old is not None, national=national)
    if edition is None or not _keeps_name(draft, table, row, old, national):
        return
    if old is not None and old.kind != row["kind"]:
        what = Both(
            f"{key[1]} 已在目录中，种类为 {old.kind}",
            f"{key[1]} stands already in the list as {old.kind}",
        )
        remedy = Both("给其中之一另编代码", "give one of the two another number")
        table.fault(row, "kind", what, remedy)
        return
    values = {c.name: row[c.name] for c in MATTER_COLUMNS[2:] if c.name != "aliases"}
    extension = row["evidence"] == "platform-extension" or (
        not national and edition.code in draft.national
    )
    matter = Matter(
        edition=edition,
        kind=row["kind"],
        code=key[1],
        extension=old.extension if old else extension,
        **values,
    )
    matter.aliases = list(dict.fromkeys([*(old.aliases if old else []), *row["aliases"]]))
    draft.matters[key] = matter


def _keeps_name(
    draft: _Draft,
    table: Table,
    row: Row,
    old: ComponentClass | Matter | None,
    national: bool,
) -> bool:
    """A city may not give a national number another meaning."""
    if national or old is None or row["edition"] not in draft.national:
        return True
    if old.name_zh == row["name_zh"]:
        return True
    number = old.class_code + old.sub_code
    what = Both(
        f"本版本中代码 {number} 为“{old.name_zh}”",
        f"the number {number} means {old.name_zh} in this edition",
    )
    remedy = Both("本市自设小类另编代码", "give the city's own subclass a number of its own")
    table.fault(row, "name_zh", what, remedy)
    return False


def _spread_aliases(draft: _Draft) -> None:
    """Everyday words of a matter also serve the older code that it continues."""
    newest_first = sorted(draft.crosswalk, key=lambda key: key[2], reverse=True)
    for from_edition, from_code, to_edition, to_code in newest_first:
        old = draft.matters[(from_edition, from_code)]
        new = draft.matters[(to_edition, to_code)]
        if not old.aliases:
            old.aliases = list(new.aliases)


def _write(draft: _Draft, default: str) -> dict[str, Count]:
    counts: dict[str, Count] = {}
    # Two defaults are refused by the database, even for the moment of an update.
    former = Edition.objects.filter(is_default=True).exclude(code=default).first()
    if former is not None:
        former.is_default = False
        former.save(update_fields=["is_default"])
    for edition in draft.editions.values():
        edition.is_default = edition.code == default
    fields = [c.name for c in EDITION_COLUMNS[1:]]
    editions, counts["editions"] = upsert(
        draft.editions.values(), Edition, key=["code"], fields=[*fields, "is_default"]
    )
    ids = {code: row.pk for (code,), row in editions.items()}
    for kind in draft.classes.values():
        kind.edition_id = ids[kind.edition.code]
    for matter in draft.matters.values():
        matter.edition_id = ids[matter.edition.code]
    names = ["class_zh", "class_en", "name_zh", "name_en", "evidence", "extension"]
    classes, counts["component classes"] = upsert(
        draft.classes.values(),
        ComponentClass,
        key=["edition_id", "class_code", "sub_code"],
        fields=names,
    )
    for matter in draft.matters.values():
        if matter.kind == Matter.Kind.COMPONENT:
            row = classes.get((matter.edition_id, matter.class_code, matter.sub_code))
            matter.component_class_id = row.pk if row else None
    _, counts["matters"] = upsert(
        draft.matters.values(),
        Matter,
        key=["edition_id", "code"],
        fields=[
            "kind", "class_code", "sub_code", *names, "aliases", "description",
            "component_class_id", "active",
        ],
    )  # fmt: skip
    _, counts["crosswalk"] = upsert(
        [
            Crosswalk(
                from_edition_id=ids[row["from_edition"]],
                from_kind=row["from_kind"],
                from_code=row["from_code"],
                to_edition_id=ids[row["to_edition"]],
                to_code=row["to_code"],
                note=row["note"],
            )
            for row in draft.crosswalk.values()
        ],
        Crosswalk,
        key=["from_edition_id", "from_code", "to_edition_id", "to_code"],
        fields=["from_kind", "note"],
    )
    return counts

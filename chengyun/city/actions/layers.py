"""Layers are made, changed, ordered, filled and removed by data managers and administrators."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from psycopg import sql

from chengyun.city.layers.description import CODE
from chengyun.city.layers.existing import check_id, relation_of, shape_and_srid
from chengyun.city.layers.filling import Filled, Plan, Rejected, fields_of, fill_table, plan_for
from chengyun.city.layers.tables import (
    SCHEMA,
    count_table,
    drop_table,
    finish_table,
    forget_counts,
    index_time,
    make_table,
    put_in_place,
    table_of,
)
from chengyun.city.layers.tree import KEEPERS, may_keep
from chengyun.city.layers.values import (
    FIXED,
    LayerValues,
    choose,
    chosen_fields,
    described,
    drop_what_is_gone,
    folder_of,
    new_fields,
    put_values,
    values_of,
    wrong,
)
from chengyun.city.models import Layer, LayerFilling
from chengyun.city.survey import uploads
from chengyun.city.survey.reading import SourceFile, SurveyRefused
from chengyun.city.tiles.registry import REGISTER
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.events import emit
from chengyun.core.models import Organisation
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound

KIND: Final = "city.layer"
#: Versions that are no layer's.
_TAKEN: Final = frozenset({"layers", "organisations"})
#: So many finished fillings of a layer are told of.
KEPT_FILLINGS: Final = 20
#: A statement of a person's filling is given up after this time; reading the file is one.
_FILL_SECONDS: Final = 1_200


@transaction.atomic
def create_layer(*, actor: Actor, code: str, values: LayerValues) -> Layer:
    """Make a layer of a new, empty table, or of a table or view that is there.

    Raises Forbidden, Conflict when the code is taken, Invalid with the field that is wrong."""
    actor.require_role(*KEEPERS)
    if not CODE.fullmatch(code):
        raise wrong(
            "code", "须以小写字母开头，2 至 48 个小写字母、数字、下划线",
            "2 to 48 small letters, digits and underscores, a letter first",
        )  # fmt: skip
    if code in REGISTER.program or code in _TAKEN or Layer.objects.filter(code=code).exists():
        raise Conflict(
            zh=f"代码 {code} 已被使用。",
            en=f"The code {code} is taken.",
            field="code",
            remedy_zh="请换一个代码，或修改已有的图层。",
            remedy_en="Take another one, or change the layer that has it.",
        )
    layer = Layer(code=code, own_table=not values.relation)
    layer.organisation = _organisation(actor, values.organisation)
    _check_keeper(actor, layer)
    if values.relation:
        _take_existing(actor, layer, values)
    else:
        choose(values.shape, Layer.Shape.values, "shape")
        layer.relation, layer.shape = f"{SCHEMA}.{code}", values.shape
        layer.fields = [each.plain() for each in new_fields(values.fields)]
    if values.position is None:
        last = Layer.objects.filter(folder=values.folder).order_by("-position").first()
        values = replace(values, position=last.position + 1 if last else 0)
    put_values(layer, values)
    if layer.own_table:
        make_table(table_of(code), code, layer.shape, described(layer.fields))
        layer.save(force_insert=True)
        finish_table(table_of(code), layer)
    else:
        layer.save(force_insert=True)
    _tell(actor, layer, "create", "新建", "Made", None)
    return layer


@transaction.atomic
def change_layer(*, actor: Actor, code: str, changes: Mapping[str, Any]) -> Layer:
    """Bring a layer to other values; what `changes` does not name stays.

    Of `fields` the labels, the order and the choice may change. Raises NotFound, Forbidden,
    Invalid."""
    layer = _locked(actor, code)
    before = values_of(layer)
    for name in FIXED:
        if name in changes and changes[name] != getattr(before, name):
            raise wrong(
                name, "建立后不可更改", "it cannot be changed afterwards",
                "请另建图层", "make another layer",
            )  # fmt: skip
    values = replace(before, **changes)
    if values == before:
        return layer
    if values.organisation != before.organisation:
        layer.organisation = _organisation(actor, values.organisation)
        _check_keeper(actor, layer)
    if "fields" in changes:
        relation = relation_of(layer.relation) if not layer.own_table else None
        layer.fields = chosen_fields(layer, relation, values.fields)
    put_values(layer, values)
    layer.save()
    after = values_of(layer)
    counted = ("access", "area_field", "organisation_field")
    if layer.own_table and any(getattr(after, n) != getattr(before, n) for n in counted):
        count_table(table_of(code), layer)
    if layer.own_table and after.time_field != before.time_field:
        index_time(table_of(code), layer)
    _tell(actor, layer, "change", "修改", "Changed", before)
    return layer


@transaction.atomic
def remove_layer(*, actor: Actor, code: str) -> None:
    """Take a layer off the map, with its table when that was made for it. A table or view that
    was there before stays.

    Raises NotFound, Forbidden, Conflict when a view stands on the table."""
    layer = _locked(actor, code)
    before = values_of(layer)
    if layer.own_table:
        drop_table(code)
    forget_counts(code)
    _tell(actor, layer, "remove", "删除", "Removed", before)
    layer.delete()


@transaction.atomic
def reorder_layers(*, actor: Actor, order: Sequence[tuple[str, str]]) -> None:
    """Put layers in this order, each in its folder: (code, folder). Layers that are not named
    stay where they are. Raises NotFound, Forbidden, Invalid; then none is moved."""
    actor.require_role(*KEEPERS)
    codes = [code for code, _ in order]
    if len(set(codes)) < len(codes):
        raise wrong("order", "图层有重复", "a layer is named twice")
    rows = Layer.objects.select_for_update(of=("self",)).select_related("organisation")
    found = {layer.code: layer for layer in rows.filter(code__in=codes).order_by("code")}
    moved = []
    for position, (code, folder) in enumerate(order):
        layer = found.get(code)
        if layer is None:
            raise _no_such(code)
        _check_keeper(actor, layer)
        folder = folder_of(folder)
        if (layer.position, layer.folder) != (position, folder):
            layer.position, layer.folder = position, folder
            moved.append(layer)
    if not moved:
        return
    Layer.objects.bulk_update(moved, ["position", "folder"])
    names = ", ".join(layer.code for layer in moved)
    record(
        actor=actor,
        action=f"{KIND}.order",
        object_type=KIND,
        object_id=moved[0].code,
        zh=f"调整图层顺序：{names}",
        en=f"Put layers in another order: {names}",
        after={"order": [[layer.code, layer.folder, layer.position] for layer in moved]},
    )
    emit(kind=f"{KIND}.order", subject_type=KIND, subject_id=moved[0].code, public=False)


class NothingFits(Invalid):
    """No row of a file can go in; what became of each is told."""

    def __init__(self, filled: Filled) -> None:
        worst, _ = filled.reasons.most_common(1)[0]
        example = next(each for each in filled.examples if each.reason == worst)
        super().__init__(
            zh=f"{filled.rejected:,} 行全部无法入库：{example.zh}。",
            en=f"None of the {filled.rejected:,} rows can go in: {example.en}.",
            field="file",
            remedy_zh="请核对坐标系、几何类型与编码；图层未改变。",
            remedy_en="Check its coordinate system, kind of shapes and encoding. Nothing was "
            "changed.",
            errors=[
                {"field": f"row {each.line}", "zh": each.zh, "en": each.en, "value": each.detail}
                for each in filled.examples[:10]
            ],
        )
        self.filled = filled


def fill_layer(
    *,
    actor: Actor,
    code: str,
    source: SourceFile,
    anew: bool = False,
    most: int | None = None,
    reject: Callable[[Rejected], None] | None = None,
    watch: Callable[[int], None] | None = None,
    filling: LayerFilling | None = None,
) -> LayerFilling:
    """Replace all rows of a layer's own table by those of a file, in one transaction.

    The first file of a layer without fields says what they are, as every file does with `anew`.
    Rows that cannot go in are counted, and given to `reject`. `filling` is what was asked for; it
    waits for whoever writes to the layer. Raises NotFound, Forbidden, Conflict when the table is
    not ours or is being filled, Invalid when the file cannot be read or no row of it can go in;
    then nothing is changed."""
    try:
        with transaction.atomic():
            return _fill(actor, code, source, anew, most, reject, watch, filling)
    except SurveyRefused as refused:
        raise Invalid(**refused.plain(), field="file") from refused


def _fill(
    actor: Actor,
    code: str,
    source: SourceFile,
    anew: bool,
    most: int | None,
    reject: Callable[[Rejected], None] | None,
    watch: Callable[[int], None] | None,
    filling: LayerFilling | None,
) -> LayerFilling:
    if actor.user is not None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{_FILL_SECONDS}s'")
    layer = _locked(actor, code, wait=filling is not None)
    check_own_table(layer)
    plan = _plan(layer, source, anew)
    new = sql.Identifier(SCHEMA, f"{code}__new")
    make_table(new, code, layer.shape, plan.fields)
    filled = fill_table(new, layer.shape, plan, source, most=most, reject=reject, watch=watch)
    if filled.rows == 0 and filled.rejected:
        raise NothingFits(filled)
    put_in_place(new, code)
    layer.fields = [each.plain() for each in plan.fields]
    drop_what_is_gone(layer)
    layer.save()
    finish_table(table_of(code), layer)
    if filling is None:
        filling = LayerFilling(
            layer=layer, file_name=source.path.name, user=actor.user, asked_by=actor.label
        )
    note_result(filling, filled)
    filling.state, filling.finished_at = LayerFilling.State.DONE, timezone.now()
    filling.save()
    prune_fillings(layer)
    record(
        actor=actor,
        action=f"{KIND}.fill",
        object_type=KIND,
        object_id=code,
        zh=f"更新图层 {layer.name_zh}（{code}）的数据：{filled.rows:,} 行，"
        f"退回 {filled.rejected:,} 行",
        en=f"Filled layer {layer.name_zh} ({code}): {filled.rows:,} rows, "
        f"{filled.rejected:,} rejected",
        after={
            "file": filling.file_name, "rows": filled.rows, "rejected": filled.rejected,
            "reasons": dict(filled.reasons),
        },
    )  # fmt: skip
    tell_of(layer, "fill")
    return filling


def note_result(filling: LayerFilling, filled: Filled) -> None:
    """Put down what became of a file's rows."""
    filling.rows, filling.rejected = filled.rows, filled.rejected
    filling.read = filled.rows + filled.rejected
    filling.result = {
        "reasons": dict(filled.reasons),
        "examples": [asdict(each) for each in filled.examples],
        "ignored": list(filled.ignored),
        "empty": list(filled.empty),
    }


def prune_fillings(layer: Layer) -> None:
    """Keep the last fillings of a layer, and what waits."""
    over = layer.fillings.filter(finished_at__isnull=False)
    for old in over.order_by("-id")[KEPT_FILLINGS:]:
        uploads.forget(old.rejected_file)
        old.delete()


def check_own_table(layer: Layer) -> None:
    """Whether a layer's rows are ours to replace. Raises Conflict."""
    if not layer.own_table:
        raise Conflict(
            zh=f"图层 {layer.code} 的数据在 {layer.relation} 中，由其所有者维护。",
            en=f"The rows of {layer.code} lie in {layer.relation} and are kept by its owner.",
            remedy_zh="请在该表中修改数据，或另建图层。",
            remedy_en="Change them there, or make another layer.",
        )


def _plan(layer: Layer, source: SourceFile, anew: bool) -> Plan:
    if anew or not layer.fields:
        return fields_of(source)
    plan = plan_for(source, described(layer.fields))
    if not plan.columns:
        names = ", ".join(each["name"] for each in layer.fields)
        raise Invalid(
            zh="文件中没有图层的任何字段。",
            en="The file has none of the layer's fields.",
            field="file",
            remedy_zh=f"图层的字段：{names}。若要改用文件的字段，请以 anew 重新定义。",
            remedy_en=f"The fields are: {names}. To take those of the file instead, fill it anew.",
        )
    return plan


def _take_existing(actor: Actor, layer: Layer, values: LayerValues) -> None:
    """Check a table or view that is there and take its description."""
    if not _keeps_everything(actor):
        raise Forbidden(
            zh="登记已有的表须为管理员或全市的数据管理员。",
            en="Only administrators and data managers of the whole city register what is there.",
            remedy_zh="请由其登记，或上传文件建立图层。",
            remedy_en="Ask one of them, or make a layer of a file.",
        )
    relation = relation_of(values.relation)
    check_id(relation, values.id_field)
    shape, srid = shape_and_srid(relation, values.geometry_field)
    if values.shape and values.shape != shape:
        raise wrong("shape", f"该列为 {shape}", f"the column holds {shape}")
    layer.relation, layer.shape, layer.srid = values.relation, shape, srid
    layer.id_field, layer.geometry_field = values.id_field, values.geometry_field
    layer.fields = chosen_fields(layer, relation, values.fields)


def _keeps_everything(actor: Actor) -> bool:
    return may_keep(actor, ())


def _check_keeper(actor: Actor, layer: Layer) -> None:
    path = tuple(layer.organisation.ancestors) if layer.organisation else ()
    if not may_keep(actor, path):
        raise Forbidden(
            zh="此图层不由您的单位管理。",
            en="This layer is not kept by your organisation.",
            remedy_zh="请联系其所属单位或全市的数据管理员。",
            remedy_en="Ask its organisation, or a data manager of the whole city.",
        )


def _organisation(actor: Actor, code: str | None) -> Organisation | None:
    if code is None:
        # Whoever keeps only the layers of the own organisation makes them for it.
        own = actor.user.organisation if actor.user is not None else None
        return None if _keeps_everything(actor) else own
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise wrong(
            "organisation", f"没有机构 {code[:40]}", f"there is no organisation {code[:40]}"
        )
    return found


def kept_layer(actor: Actor, code: str, rows: QuerySet[Layer] | None = None) -> Layer:
    """A layer that the actor keeps. Raises NotFound, Forbidden."""
    actor.require_role(*KEEPERS)
    rows = Layer.objects.all() if rows is None else rows
    layer = rows.select_related("organisation").filter(code=code).first()
    if layer is None:
        raise _no_such(code)
    _check_keeper(actor, layer)
    return layer


def _locked(actor: Actor, code: str, *, wait: bool = False) -> Layer:
    # Not its key: a file may be handed in while a command fills the layer.
    rows = Layer.objects.select_for_update(of=("self",), nowait=not wait, no_key=True)
    return kept_layer(actor, code, rows)


def _no_such(code: str) -> NotFound:
    return NotFound(
        zh=f"没有图层 {code[:60]}。",
        en=f"There is no layer {code[:60]}.",
        field="code",
        remedy_zh="可用的图层见 GET /api/layers；系统自带的图层不可修改。",
        remedy_en="GET /api/layers lists them; the program's own cannot be changed.",
    )


def _tell(
    actor: Actor, layer: Layer, verb: str, zh: str, en: str, before: LayerValues | None
) -> None:
    record(
        actor=actor,
        action=f"{KIND}.{verb}",
        object_type=KIND,
        object_id=layer.code,
        zh=f"{zh}图层 {layer.name_zh}（{layer.code}）",
        en=f"{en} layer {layer.name_zh} ({layer.code})",
        before=None if before is None else asdict(before),
        after=None if verb == "remove" else asdict(values_of(layer)),
    )
    tell_of(layer, verb)


def tell_of(layer: Layer, verb: str, *, public: bool = True) -> None:
    """An event: to everybody only where everybody may see the layer, and is to know."""
    emit(
        kind=f"{KIND}.{verb}",
        subject_type=KIND,
        subject_id=layer.code,
        payload={"code": layer.code},
        scope=((), list(layer.organisation.ancestors) if layer.organisation else (), ()),
        public=public and layer.access == Layer.Access.PUBLIC,
    )

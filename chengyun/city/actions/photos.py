"""Photos of components: put up by who manages or patrols the place, taken down by the manager or
by who put it up. A photo taken down keeps its row."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chengyun.city.actions.components import KIND, locked_component, reach_of, write_change
from chengyun.city.models import Component, ComponentChange, ComponentPhoto
from chengyun.city.queries import Place, catalogue, locate
from chengyun.core.actor import Actor
from chengyun.core.attachments import may_see
from chengyun.core.audit import record
from chengyun.core.events import emit
from chengyun.core.models import Attachment, Role
from chengyun.core.problems import Conflict, Forbidden, Invalid, NotFound

PURPOSE = "component"
MOST_PHOTOS = 20
#: Posts that may put up photos.
PHOTOGRAPHERS = (Role.DATA_MANAGER, Role.COLLECTOR)


@transaction.atomic
def add_photo(*, actor: Actor, code: str, attachment: UUID, origin: str) -> ComponentPhoto:
    """Put up an image that was sent for the purpose `component`; one taken down is put up again.

    Raises NotFound, Forbidden, Invalid for another image, Conflict beyond 20 photos or when it is
    up already."""
    actor.require_role(*PHOTOGRAPHERS)
    component = locked_component(code, removed=True)
    place = locate(component.geom.x, component.geom.y)
    if not may_photograph(actor, component, place):
        raise _elsewhere()
    image = Attachment.objects.filter(pk=attachment, purpose=PURPOSE).first()
    # The system itself uploads nothing and may put up what it is given.
    if image is None or (actor.user is not None and not may_see(image, actor)):
        raise Invalid(
            zh="没有这张部件图片。",
            en="There is no such image of a component.",
            field="attachment",
            remedy_zh=f"请先以用途 {PURPOSE} 上传至 /api/attachments。",
            remedy_en=f"Send it to /api/attachments with the purpose {PURPOSE} first.",
        )
    photos = ComponentPhoto.objects.filter(component=component)
    live = photos.filter(taken_down_at=None)
    if live.filter(attachment=image).exists():
        raise Conflict(
            zh="该部件已有这张照片。",
            en="The component has this photo already.",
            field="attachment",
            remedy_zh="无需再次添加。",
            remedy_en="There is nothing to do.",
        )
    if live.count() >= MOST_PHOTOS:
        raise Conflict(
            zh=f"该部件已有 {MOST_PHOTOS} 张照片。",
            en=f"The component has {MOST_PHOTOS} photos already.",
            field="attachment",
            remedy_zh="请先撤下一张旧照片。",
            remedy_en="Take an old one down first.",
        )
    photo, _ = ComponentPhoto.objects.update_or_create(
        component=component,
        attachment=image,
        defaults={
            "added_at": timezone.now(), "added_by": actor.label, "taken_down_at": None,
        },
    )  # fmt: skip
    _tell(actor, component, place, photo, "add_photo", origin)
    return photo


@transaction.atomic
def take_down_photo(*, actor: Actor, code: str, attachment: UUID, origin: str) -> ComponentPhoto:
    """Take a photo down: nobody but the audit and its uploader sees it any more.

    Raises NotFound, Forbidden for who neither manages the place nor sent the photo."""
    actor.require_role(*PHOTOGRAPHERS)
    component = locked_component(code, removed=True)
    place = locate(component.geom.x, component.geom.y)
    photos = ComponentPhoto.objects.select_related("attachment")
    photo = photos.filter(component=component, attachment=attachment, taken_down_at=None).first()
    if photo is None:
        raise NotFound(
            zh="该部件没有这张照片。",
            en="The component has no such photo.",
            field="photo",
            remedy_zh="请重新载入页面。",
            remedy_en="Load the page anew.",
        )
    own = actor.user_id is not None and photo.attachment.uploaded_by_id == actor.user_id
    if not own:
        actor.require_role(Role.DATA_MANAGER)
        areas, orgs = reach_of(component, place)
        if not actor.scope.for_roles([Role.DATA_MANAGER]).admits(areas, orgs, []):
            raise _elsewhere()
    photo.taken_down_at = timezone.now()
    photo.save(update_fields=["taken_down_at"])
    _tell(actor, component, place, photo, "take_down_photo", origin)
    return photo


def may_photograph(actor: Actor, component: Component, place: Place | None) -> bool:
    """Whether a post of the actor reaches the component, its place and its class."""
    areas, orgs = reach_of(component, place)
    matters = catalogue().matters.values()
    class_id = component.component_class_id
    tokens = [t for m in matters if m.component_class_id == class_id for t in m.tokens]
    return actor.scope.for_roles(PHOTOGRAPHERS).admits(areas, orgs, tokens)


def may_see_photo(attachment: Attachment, actor: Actor) -> bool:
    """The guard of the purpose: whoever may see components sees their photos that are up."""
    up = ComponentPhoto.objects.filter(attachment=attachment, taken_down_at=None)
    return actor.user is not None and up.exists()


def _elsewhere() -> Forbidden:
    return Forbidden(
        zh="该部件不在您负责的区域内。",
        en="This component is not in the area that you answer for.",
        remedy_zh="请联系该区域的数据管理员。",
        remedy_en="Ask the data manager of that area.",
    )


def _tell(
    actor: Actor,
    component: Component,
    place: Place | None,
    photo: ComponentPhoto,
    verb: str,
    origin: str,
) -> None:
    key = str(photo.attachment_id)
    up = verb == "add_photo"
    before, after = ({"photo": None}, {"photo": key}) if up else ({"photo": key}, {"photo": None})
    write_change(actor, component, ComponentChange.Verb.PHOTO, before, after, origin)
    said = ("添加", "Put up") if up else ("撤下", "Took down")
    record(
        actor=actor,
        action=f"{KIND}.{verb}",
        object_type=KIND,
        object_id=component.code,
        zh=f"{said[0]}部件 {component.name}（{component.code}）的照片",
        en=f"{said[1]} a photo of component {component.name} ({component.code})",
        before=before,
        after=after,
    )
    areas, orgs = reach_of(component, place)
    emit(
        kind=f"{KIND}.{verb}",
        subject_type=KIND,
        subject_id=component.code,
        payload={"code": component.code, "attachment": key},
        scope=(areas, orgs, ()),
    )

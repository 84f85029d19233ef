"""A column that is encrypted and not known to the rotation is lost with its old key."""

from django.apps import apps
from django.db.models import BinaryField

from chengyun.core.rotation import ENCRYPTED


def test_every_encrypted_column_is_rotated() -> None:
    named = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and field.name.endswith(("_enc", "_encrypted"))
    }
    assert len(named) >= 5
    assert named == {(model, name) for model, names in ENCRYPTED.items() for name in names}

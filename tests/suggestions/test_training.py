"""The classifier: better than a stupid rule on unseen texts, stored safely, replaced safely."""

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from typer.testing import CliRunner

from chengyun.city.models import Matter
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry
from chengyun.core.problems import Conflict, Invalid, NotFound
from chengyun.governance.models import Case, ClassifierModel
from chengyun.governance.suggestions import suggest_matters
from chengyun.governance.suggestions.classifier import (
    ModelFileError,
    TextClassifier,
    active_classifier,
    forget_classifier,
    keywords,
    load_model,
)
from chengyun.governance.suggestions.training import (
    Sample,
    activate_classifier,
    fit,
    samples_of,
    train_classifier,
)
from chengyun.server.doctor import classifier as doctor

from .conftest import NOW

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")

# Words of our own: none of them is a name in the catalogue of the tests.
WHAT = {
    "供水井盖异常": ["阀门盖板翘起", "自来水检查井松动", "水表井口敞开", "供水窨井下沉"],
    "污水井盖异常": ["化粪池盖碎裂", "污水窨井外溢", "臭水井口没盖", "下水口塌陷"],
    "路灯不亮": ["整条街一片漆黑", "灯杆晚上没有亮", "夜里照明全灭", "灯泡一闪一闪"],
    "暴露垃圾": ["废弃物成堆发臭", "桶满了没人清", "装修废料乱丢", "苍蝇满天飞脏得很"],
    "道路积水": ["雨后水深过膝", "低洼处淌不过去", "车辆涉水熄火", "排水不畅成了河"],
    "无照经营游商": ["推车卖水果挡道", "夜市摊位占满人行道", "小贩吆喝不走", "三轮车卖烧烤"],
}
WHERE = [
    "香港中路",
    "延安三路",
    "台东步行街",
    "浮山后小区",
    "人民路",
    "学校北门",
    "菜市场",
    "公交站旁",
]
BEFORE = ["市民来电反映", "您好，", "请问", "我是附近居民，", "再次反映："]
AFTER = ["，请尽快处理。", "，影响出行", "，已经好几天了", "，谢谢！", "，存在安全隐患", ""]


def sentences(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    chance = random.Random(seed)
    names = list(WHAT)
    for at in range(count):
        name = names[at % len(names)]
        # One in eight speaks of something else as well, as people do.
        aside = chance.choice(WHAT[chance.choice(names)]) if chance.random() < 0.125 else ""
        yield (
            name,
            (
                f"{chance.choice(BEFORE)}{chance.choice(WHERE)}{chance.randint(1, 200)}号"
                f"{chance.choice(WHAT[name])}{aside}{chance.choice(AFTER)}"
            ),
        )


@pytest.fixture(autouse=True)
def no_model_from_before() -> Iterator[None]:
    forget_classifier()
    yield
    forget_classifier()


@pytest.fixture
def history(matter: Callable[[str], Matter]) -> int:
    """240 closed cases of six classes."""
    matters = {name: matter(name) for name in WHAT}
    made = Case.objects.bulk_create(
        Case(
            state="closed", channel="hotline", origin="import", matter=matters[name],
            description=text, reported_at=NOW, closed_at=NOW, updated_at=NOW,
        )
        for name, text in sentences(240)
    )  # fmt: skip
    return len(made)


def test_it_beats_the_stupid_rule_on_texts_it_has_not_seen() -> None:
    trained = fit([Sample(text, name) for name, text in sentences(300)])
    report = trained.report
    assert report["macro_f1"] > 0.8 > 3 * report["baseline_macro_f1"]
    assert report["accuracy"] > 2 * report["baseline_accuracy"]
    assert report["top3"] >= report["accuracy"]
    assert sum(row["support"] for row in report["per_class"].values()) == report["tested_on"] == 60
    fresh = list(sentences(200, seed=99))
    right = [trained.classifier.predict(text)[0].token == name for name, text in fresh]
    assert sum(right) > 150
    assert 0 <= report["calibration_error"] < 0.3


def test_the_same_seed_gives_the_same_model() -> None:
    samples = [Sample(text, name) for name, text in sentences(120)]
    one, again, other = (fit(samples, seed=seed) for seed in (7, 7, 8))
    assert one.classifier.to_bytes() == again.classifier.to_bytes()
    assert one.report == again.report
    assert one.classifier.to_bytes() != other.classifier.to_bytes()


def test_random_labels_are_not_learnt() -> None:
    chance = random.Random(3)
    samples = [Sample(text, chance.choice("甲乙丙")) for _, text in sentences(300)]
    assert fit(samples).report["macro_f1"] < 0.55


@pytest.mark.usefixtures("history")
def test_training_stores_the_model_and_suggests_from_it(matter: Callable[[str], Matter]) -> None:
    model = train_classifier(actor=ACTOR)
    assert model.active
    assert model.samples == 240
    assert model.classes == 6
    assert model.report["per_class"].keys() == set(model.tokens)
    best = suggest_matters("延安三路夜里照明全灭，灯杆没亮")[0]
    assert best.source == "classifier"
    assert best.matter_id == matter("路灯不亮").pk
    assert any(word in best.reason_zh for word in ("照明", "灯", "夜里"))
    assert AuditEntry.objects.filter(action="governance.classifier.activate").exists()


@pytest.mark.usefixtures("history")
def test_a_class_without_history_is_still_found_by_its_name(
    matter: Callable[[str], Matter],
) -> None:
    Case.objects.filter(matter=matter("道路积水")).delete()
    train_classifier(actor=ACTOR)
    found = suggest_matters("路口道路积水，夜里照明全灭")
    assert found[0].source == "classifier"
    assert (matter("道路积水").pk, "catalogue") in [(one.matter_id, one.source) for one in found]


def test_only_closed_different_texts_count(
    make_case: Callable[..., Case], matter: Callable[[str], Matter]
) -> None:
    lamp = matter("路灯不亮")
    make_case("灯灭了", state="closed", matter=lamp)
    make_case("灯灭了 ", state="closed", matter=lamp)
    make_case("灯又灭了", state="handling", matter=lamp)
    make_case("没有类别", state="closed")
    assert samples_of("test-2026") == [Sample("灯灭了 ", lamp.token)]


@pytest.mark.parametrize("classes", [0, 1])
def test_too_little_history_is_one_clear_sentence(
    make_case: Callable[..., Case], matter: Callable[[str], Matter], classes: int
) -> None:
    for at in range(8 * classes):
        make_case(f"第{at}次灯灭", state="closed", matter=matter("路灯不亮"))
    with pytest.raises(Invalid, match=f"at least two subclasses .* {classes} have them"):
        train_classifier(actor=ACTOR)
    assert not ClassifierModel.objects.exists()


def test_two_classes_are_enough() -> None:
    samples = [
        Sample(text, name) for name, text in sentences(120) if name in ("路灯不亮", "道路积水")
    ]
    trained = fit(samples)
    assert trained.classifier.predict("整条街一片漆黑")[0].token == "路灯不亮"
    assert trained.classifier.predict("车辆涉水熄火")[0].token == "道路积水"


@pytest.mark.usefixtures("history")
def test_a_changed_model_file_is_not_used() -> None:
    model = train_classifier(actor=ACTOR)
    path = Path(default_storage.path(model.storage_name))
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    forget_classifier()
    assert {one.source for one in suggest_matters("路灯不亮")} == {"catalogue"}
    assert "SHA-256" in str(active_classifier().trouble)
    assert (doctor().level, "chengyun train classifier" in doctor().mend) == ("warn", True)
    path.unlink()
    forget_classifier()
    assert {one.source for one in suggest_matters("路灯不亮")} == {"catalogue"}
    assert "cannot be opened" in str(active_classifier().trouble)
    with pytest.raises(Conflict):
        activate_classifier(actor=ACTOR, model_id=model.pk)


def test_a_model_file_is_never_unpickled(tmp_path: Path) -> None:
    import hashlib

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path(tmp_path / "owned").touch, ())

    file = io.BytesIO()
    np.savez(file, format=np.array([Evil()], dtype=object), allow_pickle=True)
    name = default_storage.save("models/evil.npz", ContentFile(file.getvalue()))
    with pytest.raises(ModelFileError):
        load_model(name, hashlib.sha256(file.getvalue()).hexdigest())
    assert not (tmp_path / "owned").exists()
    with pytest.raises(ModelFileError):
        TextClassifier.from_bytes(b"no archive", hashlib.sha256(b"no archive").hexdigest())


@pytest.mark.usefixtures("history")
def test_what_everybody_writes_is_no_keyword() -> None:
    text = "市民来电反映香港中路照明全灭"
    at_large = keywords(text, 9)
    assert at_large.index("来电") < at_large.index("照明"), "“来电” is rare in Chinese at large"
    train_classifier(actor=ACTOR)
    here = keywords(text, 9)
    assert here.index("照明") < here.index("来电"), "but every fifth of these cases has it"


@pytest.mark.usefixtures("history")
def test_exactly_one_model_is_in_use() -> None:
    first = train_classifier(actor=ACTOR)
    second = train_classifier(actor=ACTOR, seed=1, activate=False)
    assert active_classifier().model_id == first.pk
    activate_classifier(actor=ACTOR, model_id=second.pk)
    assert active_classifier().model_id == second.pk
    assert ClassifierModel.objects.filter(active=True).count() == 1
    with pytest.raises(NotFound):
        activate_classifier(actor=ACTOR, model_id=10**9)


@pytest.mark.usefixtures("history")
def test_the_model_file_holds_no_numbers_and_no_rare_words() -> None:
    lonely = Case.objects.first()
    assert lonely is not None
    Case.objects.filter(pk=lonely.pk).update(description="请联系欧阳绛紫13900001111")
    model = train_classifier(actor=ACTOR)
    names = load_model(model.storage_name, model.sha256).vocabulary
    assert not any(character.isdigit() for name in names for character in name)
    assert not any("绛" in name for name in names)


@pytest.mark.usefixtures("history")
def test_the_command_prints_the_report() -> None:
    from chengyun.cli.train import app

    run = CliRunner(env={"LANGUAGE": "zh"})
    trained = run.invoke(app, ["classifier", "--min-samples", "5", "--seed", "3"])
    assert trained.exit_code == 0, trained.output
    for shown in ("宏平均 F1", "准确率", "前三命中", "路灯不亮", "启用中"):
        assert shown in trained.output
    assert "启用中" in run.invoke(app, ["list"]).output
    assert "in use" in CliRunner().invoke(app, ["list"]).output
    model = ClassifierModel.objects.get()
    assert run.invoke(app, ["activate", str(model.pk)]).exit_code == 0

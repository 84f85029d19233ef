from pathlib import Path

import yaml

from chengyun.governance.evaluation.measures import RATE_BY_CODE

FILE = Path("chengyun/governance/indicators.yaml")


def test_every_indicator_is_a_rate_of_the_tables_it_names(root: Path) -> None:
    indicators = yaml.safe_load((root / FILE).read_text("utf-8"))["indicators"]
    assert len({entry["code"] for entry in indicators}) == len(indicators) > 5
    for entry in indicators:
        rate = RATE_BY_CODE[entry["rate"]]
        assert set(entry["by"]) <= {kind.value for kind in rate.kinds}
        assert entry["better"] == ("lower" if rate.reverse else "higher")
        assert entry["zh"]
        assert entry["en"]

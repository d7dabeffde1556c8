"""What tests of several folders look at: a district after one night."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.nightly import build_and_publish, parse_batches
from ingest.home import Home
from samples import generate
from tests.support.district import AFTERWARDS, PERIOD
from warehouse import night as steps
from warehouse.night import Night


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of Liwan district after a night that has published and told nobody yet."""
    root = tmp_path_factory.mktemp("district") / "home"
    generate(root, "440103", [PERIOD], workers=1)
    home, night = Home(root), Night.at(AFTERWARDS)
    steps.collect_channels(home, night.now)
    parse_batches(home, night, lambda _: None)
    build_and_publish(home, night, lambda _: None, full_refresh=False)
    return root


@pytest.fixture
def district_home(district: Path, tmp_path: Path) -> Home:
    """A copy of it that a test may change."""
    return Home(Path(shutil.copytree(district, tmp_path / "home")))

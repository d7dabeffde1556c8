"""Great Expectations' Data Docs made fit for an office without access to outside networks.

The pages load their scripts and styles from elsewhere; without them even the list of rules is empty.
``data_docs_assets/`` carries the same files, from the packages and under the licences that ``assets.csv`` names.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from expectations.vocabulary import FOLDER

ASSETS = FOLDER / "data_docs_assets"

#: Script, style and picture tags that fetch from elsewhere, and the advertisement at the foot of each page.
OUTSIDE_TAG = re.compile(
    r"""<script[^>]*\ssrc=["'](?P<script>https?://[^"']*)["'][^>]*>\s*</script>"""
    r"""|<link[^>]*\shref=["'](?P<style>https?://[^"']*)["'][^>]*>"""
    r"""|<img[^>]*\ssrc=["']https?://[^"']*["'][^>]*>"""
    r"""|<footer>.*?</footer>""",
    re.IGNORECASE | re.DOTALL,
)


def make_self_contained(site: Path) -> None:
    """Point the tags of all pages that load from an outside address to copies inside the site, or take them out."""
    with (ASSETS / "assets.csv").open(encoding="utf-8", newline="") as handle:
        local_names = {row["outside_name"]: row["local_name"] for row in csv.DictReader(handle)}
    folder = site / "static" / "assets"
    shutil.copytree(ASSETS, folder)
    for page in sorted(site.rglob("*.html")):
        replace = partial(_local_tag, local_names=local_names, to_assets=os.path.relpath(folder, page.parent))
        page.write_text(OUTSIDE_TAG.sub(replace, page.read_text(encoding="utf-8")), encoding="utf-8")


def _local_tag(tag: re.Match[str], local_names: Mapping[str, str], to_assets: str) -> str:
    """The tag with the local copy, nothing when there is none (charts, dark theme, logo)."""
    address = tag["script"] or tag["style"] or ""
    local_name = local_names.get(address.rpartition("/")[2])
    if local_name is None:
        return ""
    if tag["script"]:
        return f'<script src="{to_assets}/{local_name}"></script>'
    return f'<link rel="stylesheet" href="{to_assets}/{local_name}">'


def swap_in(new: Path, current: Path) -> Path:
    """Put a finished folder in the place of the one in use, which is removed; returns the place."""
    old = current.with_name(current.name + "_old")
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    new.rename(current)
    shutil.rmtree(old, ignore_errors=True)
    return current

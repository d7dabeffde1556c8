"""Great Expectations' Data Docs made fit for an office without access to outside networks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

#: Script, style and picture tags that fetch from elsewhere.
OUTSIDE_TAG = re.compile(
    r"""<script[^>]*\ssrc=["']https?://[^>]*>\s*</script>|<(?:link|img)[^>]*\s(?:href|src)=["']https?://[^>]*>""",
    re.IGNORECASE,
)


def make_self_contained(site: Path) -> None:
    """Take every tag that loads from an outside address out of the pages of a site."""
    for page in sorted(site.rglob("*.html")):
        page.write_text(OUTSIDE_TAG.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")


def swap_in(new: Path, current: Path) -> Path:
    """Put a finished folder in the place of the one in use, which is removed; returns the place."""
    old = current.with_name(current.name + "_old")
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    new.rename(current)
    shutil.rmtree(old, ignore_errors=True)
    return current

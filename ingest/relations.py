"""The relations of an Office package: which part stands behind which id."""

from __future__ import annotations

import posixpath
from xml.parsers import expat


def elements(content: bytes, name: str) -> list[dict[str, str]]:
    """Attributes of every element called ``name``, whatever its prefix. The guard has refused every DTD before."""
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == name:
            found.append({key.rpartition(":")[2]: value for key, value in sorted(attributes.items())})

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(content, True)
    return found


def relation_targets(parts: dict[str, bytes], name: str) -> dict[str, str]:
    """Part that each relation of the relations part ``name`` points to, by its id; empty when there are none."""
    actual = {part.lower(): part for part in parts}.get(name.lower())
    if actual is None:
        return {}
    folder = posixpath.dirname(posixpath.dirname(name))
    try:
        relations = elements(parts[actual], "Relationship")
    except expat.ExpatError:
        return {}
    return {
        relation["Id"]: posixpath.normpath(posixpath.join("/", folder, relation["Target"])).lstrip("/")
        for relation in relations
        if relation.get("Id") and relation.get("Target") and relation.get("TargetMode") != "External"
    }

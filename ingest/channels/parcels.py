"""Several files that came together: which of them are reports, and zips that are parcels of reports."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ingest.archive import is_member_of_report
from ingest.channels.arrivals import File, Refusal, is_unfinished
from ingest.filekind import UNKNOWN, ZIP_MAGICS, FileKind, sniff, zip_kind
from ingest.guard import GuardError, check_members
from ingest.settings import limits
from ingest.zipparts import LyingMemberError, inflate, member_name, open_directory


@cache
def _rules() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "reports.yml").read_text(encoding="utf-8"))
    return loaded


def kind_of(data: bytes) -> FileKind:
    """What a file really is, zips included."""
    if not data.startswith(ZIP_MAGICS):
        return sniff(data)
    try:
        return zip_kind(open_directory(data))
    except (zipfile.BadZipFile, RuntimeError):
        return UNKNOWN


def _has_suffix(name: str, rule: str) -> bool:
    return PurePosixPath(name).suffix.lower().lstrip(".") in _rules()[rule]


def is_picture(data: bytes) -> bool:
    """Whether a file is a picture by its content."""
    return kind_of(data).code in _rules()["picture_kinds"]


def is_mail(name: str) -> bool:
    """Whether a file calls itself a mail."""
    return _has_suffix(name, "mail_suffixes")


def choose_reports(files: list[File]) -> tuple[list[File], list[Refusal]]:
    """The files that are meant as reports, and what is put aside: pictures, signatures and, beside a report, documents.

    Where nothing looks like a report, every other file is taken for one, so that its sender is told what it is.
    """
    reports, others, pictures = [], [], []
    for file in files:
        kind = kind_of(file.data)
        if kind.code in _rules()["picture_kinds"] or _has_suffix(file.name, "signature_suffixes"):
            pictures.append((file, kind))
        elif kind.code in _rules()["report_kinds"] or _has_suffix(file.name, "report_suffixes"):
            reports.append(file)
        else:
            others.append((file, kind))
    if not reports:
        reports, others = [file for file, _ in others], []
    rest = [*others, *pictures]
    put_aside = [Refusal("enclosure_ignored", kind.name_zh, file.place or file.name) for file, kind in rest]
    return reports, put_aside if reports else []


def _members(data: bytes) -> list[File] | None:
    """Members of a zip, or None when it is no plain zip, or one that must not be opened."""
    limit = limits()["channels"]
    try:
        directory = open_directory(data)
        if zip_kind(directory).code != "zip":
            return None
        infos = [info for info in directory.infolist() if not info.is_dir()]
        check_members(infos)
        if len(infos) > limit["max_zip_members"] or sum(info.file_size for info in infos) > limit["max_zip_bytes"]:
            return None
        named = [(info, member_name(info)) for info in infos]
        return [
            File(PurePosixPath(name).name, inflate(data, info), name)
            for info, name in named
            if is_member_of_report(name) and not is_unfinished(PurePosixPath(name).name)
        ]
    except (zipfile.BadZipFile, RuntimeError, GuardError, LyingMemberError):
        return None


def unpack(file: File) -> tuple[list[File], list[Refusal]]:
    """The reports of a zip that is a parcel of workbooks, and what else lay in it; any other file as it is.

    A zip that must not be opened is handed on as it is, for the check says what is wrong with it.
    """
    members = _members(file.data) if file.data.startswith(ZIP_MAGICS) else None
    if not members or not any(
        kind_of(member.data).code in _rules()["parcel_kinds"] or _has_suffix(member.name, "parcel_suffixes")
        for member in members
    ):
        return [file], []
    place = file.place or file.name
    inside = [File(member.name, member.data, f"{place}!{member.place}") for member in members]
    return choose_reports(inside)

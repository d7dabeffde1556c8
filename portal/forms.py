"""Reading what a browser sends, up to a limit that holds while it is being read."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncGenerator
from pathlib import PurePosixPath
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ingest.channels.arrivals import File
from ingest.settings import limits

UNNAMED = "未命名"


class TooLargeError(Exception):
    """More was sent than is taken."""


class _InMemory(MultiPartParser):
    """Keeps uploads out of the machine's temporary files: they hold personal data."""

    spool_max_size = 0  # of a spooled file 0 means: never to the disk


async def _limited(request: Request, limit: int, drained: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes. Raises TooLargeError beyond ``limit`` bytes, but only after reading on, for a browser that
    is cut off shows no answer; beyond ``drained`` bytes it is cut off."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            yield chunk
        elif size > drained:
            break
    if size > limit:
        raise TooLargeError


async def read_fields(request: Request, limit: int) -> dict[str, str]:
    """The fields of a form without a file; raises TooLargeError, HTTPException 400 on what is no form."""
    body = b"".join([chunk async for chunk in _limited(request, limit, limit)])
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise HTTPException(400) from None


async def read_upload(
    request: Request, *, form_bytes: int, drained_bytes: int, name_chars: int
) -> tuple[dict[str, str], File | None]:
    """Fields and file of an upload; None when no file was chosen. Raises TooLargeError, HTTPException 400.

    How large a file may be stands in ``ingest/limits.yml``.
    """
    limit = limits()["guard"]["max_file_bytes"] + form_bytes
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(400)
    parser = _InMemory(request.headers, _limited(request, limit, drained_bytes), max_files=1, max_fields=10)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise HTTPException(400) from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    sent = next((value for value in form.values() if isinstance(value, UploadFile)), None)
    if sent is None or not (sent.filename or sent.size):
        return fields, None
    data = await sent.read()
    await sent.close()
    if len(data) > limits()["guard"]["max_file_bytes"]:
        raise TooLargeError
    return fields, File(clean_name(sent.filename or "", name_chars), data)


def clean_name(stated: str, max_chars: int) -> str:
    """A file's name for people: without folders, control, direction and other invisible characters, not too long."""
    visible = "".join(char for char in stated if unicodedata.category(char)[0] != "C")
    name = PurePosixPath(visible.replace("\\", "/")).name.strip()
    return name[-max_chars:].strip() if name.strip(". ") else UNNAMED

"""One mail, from its bytes: who sends it, whether the receiving server vouches for that, and what is attached.

Written for hostile input: size, header, nesting and number of parts are looked at before anything is parsed.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses
from pathlib import PurePosixPath

from ingest.archive import LOCK_PREFIX
from ingest.channels.arrivals import File, Refusal
from ingest.channels.parcels import choose_reports, is_mail, is_picture
from ingest.settings import limits
from ingest.text import readable, trim

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CONTAINERS = re.compile(rb"^content-type:[ \t]*(?:\r?\n[ \t]+)?(?:multipart/|message/)", re.IGNORECASE | re.MULTILINE)
_PARTS = re.compile(rb"^--[^\r\n]+", re.MULTILINE)
_VERDICT = re.compile(r"\s*(\w+)\s*=\s*(\w+)(.*)", re.DOTALL)
_PROPERTY = re.compile(r"([a-z]+\.[a-z]+)\s*=\s*([^\s;]+)", re.IGNORECASE)
_WORD = re.compile(r"[\w.@+-]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_MAX_NAME_CHARS = 200
#: Of one header of a part; its parser is slow on longer ones that are made for it.
_MAX_HEADER_CHARS = 8000
#: Methods that prove the domain of the sender, and where they state the domain that they have proved.
_PROOFS = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom",),
}


class UnusableMailError(Exception):
    """A mail that must not be opened, or cannot be; ``refusal`` says why."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """``reason`` is a code of ``refusals.csv``."""
        super().__init__(reason)
        self.refusal = Refusal(reason, detail)


@dataclass(frozen=True)
class Attachments:
    """What a mail carries: reports, and what is put aside."""

    files: tuple[File, ...]
    refusals: tuple[Refusal, ...]


def parse_mail(data: bytes) -> Message:
    """The mail, parsed; raises UnusableMailError when its structure is a trick or its bytes are no mail."""
    limit = limits()["channels"]
    end = _HEADER_END.search(data, 0, limit["max_mail_header_bytes"])
    if end is None:
        raise UnusableMailError("mail_structure", "没有邮件头或邮件头过长")
    if len(_CONTAINERS.findall(data)) > limit["max_mail_nesting"]:
        raise UnusableMailError("mail_structure", "层层嵌套")
    if sum(1 for _ in _PARTS.finditer(data)) > 2 * limit["max_mail_parts"]:
        raise UnusableMailError("mail_structure", "附件数量过多")
    try:
        return email.message_from_bytes(data, policy=email.policy.compat32)
    except (MessageError, ValueError, LookupError, RecursionError, AttributeError) as error:
        raise UnusableMailError("mail_unreadable") from error


def sender_of(mail: Message) -> str:
    """The one address of the From header, in lower case; raises UnusableMailError when there is none or are several."""
    headers = [str(value) for value in mail.get_all("From", [])]
    try:
        addresses = [address.strip().lower() for _, address in getaddresses(headers) if address.strip()]
    except RecursionError as error:
        raise UnusableMailError("mail_unreadable") from error
    if len(headers) > 1 or len(addresses) > 1:
        raise UnusableMailError("sender_several")
    if not addresses or addresses[0].count("@") != 1 or _CONTROLS.search(addresses[0]):
        raise UnusableMailError("sender_unknown")
    return addresses[0]


def _plain(text: str) -> str:
    """A structured header without its comments, and without quoted strings that are more than a word.

    A sender chooses what stands in them: verdicts that he wrote himself must not be read as the server's.
    """
    kept: list[str] = []
    depth, quoted = 0, None
    characters = iter(text)
    for character in characters:
        if character == "\\" and (depth or quoted is not None):
            next(characters, "")
        elif quoted is not None:
            if character == '"':
                kept.append(quoted if _WORD.fullmatch(quoted) else "")
                quoted = None
            else:
                quoted += character
        elif character == "(" or (depth and character == ")"):
            depth += 1 if character == "(" else -1
        elif not depth and character == '"':
            quoted = ""
        elif not depth:
            kept.append(character)
    return "".join(kept)


def _is_aligned(stated: str, sender_domain: str) -> bool:
    """Whether a proved domain is the sender's or one above it."""
    domain = stated.rpartition("@")[2].lower().rstrip(".")
    return bool(domain) and (sender_domain == domain or sender_domain.endswith(f".{domain}"))


def is_proven(mail: Message, sender: str, authserv_id: str) -> bool:
    """Whether the receiving server ``authserv_id`` states (RFC 8601) that the sender's domain is the true one.

    Only the topmost statement under that name counts: a server puts its own above whatever the mail brought along.
    """
    domain = sender.rpartition("@")[2]
    for header in mail.get_all("Authentication-Results", []):
        first, *verdicts = _plain(str(header)).split(";")
        if (first.split() or [""])[0].lower() != authserv_id.lower():
            continue
        for verdict in verdicts:
            match = _VERDICT.match(verdict)
            if match is None or match[2].lower() != "pass" or match[1].lower() not in _PROOFS:
                continue
            stated = {name.lower(): value for name, value in _PROPERTY.findall(match[3])}
            if any(_is_aligned(stated.get(name, ""), domain) for name in _PROOFS[match[1].lower()]):
                return True
        return False
    return False


def _decoded(raw: str) -> str:
    """A file name out of its RFC 2047 words."""
    try:
        pieces = decode_header(raw)
    except (MessageError, ValueError):
        return raw
    text = ""
    for piece, charset in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        try:
            text += piece.decode(charset) if charset else readable(piece)
        except (LookupError, UnicodeError):
            text += readable(piece)
    # Some of Python's own encodings give halves of characters, which no database takes.
    return text.encode("utf-8", "replace").decode()


def subject_of(mail: Message) -> str:
    """The subject on one line, readable and not too long."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == "subject"), "")[:_MAX_HEADER_CHARS]
    return _CONTROLS.sub(" ", trim(_decoded(readable(raw))))[:_MAX_NAME_CHARS]


def _parameter(part: Message, header: str, name: str) -> str:
    """A parameter of a header of a part; bare bytes in it are decoded, which the parser would replace."""
    raw = next((str(value) for key, value in part.raw_items() if key.lower() == header), "")[:_MAX_HEADER_CHARS]
    repaired = Message()
    repaired[header] = readable(raw)
    value = repaired.get_param(name, "", header)
    return collapse_rfc2231_value(value) if isinstance(value, tuple) else str(value)


def file_name_of(part: Message) -> str:
    """The name of an attachment without folders and control characters; "" when it has none."""
    found = _parameter(part, "content-disposition", "filename") or _parameter(part, "content-type", "name")
    name = _CONTROLS.sub("", _decoded(found))
    return trim(PurePosixPath(name.replace("\\", "/")).name)[-_MAX_NAME_CHARS:]


def _enclosed(part: Message) -> Message | None:
    """The mail that a part holds as a file, for programs that encode a forwarded mail or attach it as ``.eml``."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and part.get_content_type() == "message/rfc822" else None
    if isinstance(inner, Message) and not inner.keys():
        # The parser takes the encoded text for a body without headers.
        inner["Content-Transfer-Encoding"] = part.get("Content-Transfer-Encoding", "")
        content = _content(inner)
    elif not isinstance(payload, list) and is_mail(file_name_of(part)):
        content = _content(part)
    else:
        return None
    try:
        return parse_mail(content)
    except UnusableMailError:
        return None


def _leaves(part: Message, depth: int = 0) -> Iterator[Message]:
    """The parts of a mail that hold something, those of forwarded mails too."""
    part = _enclosed(part) or part
    payload = part.get_payload()
    if isinstance(payload, list) and depth <= limits()["channels"]["max_mail_nesting"]:
        for child in payload:
            if isinstance(child, Message):
                yield from _leaves(child, depth + 1)
    else:
        yield part


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _is_attachment(part: Message, name: str) -> bool:
    return bool(name) or part.get_content_disposition() == "attachment" or part.get_content_maintype() != "text"


def attachments_of(mail: Message) -> Attachments:
    """The reports that a mail carries; raises UnusableMailError when there is none or it cannot be read."""
    found: list[File] = []
    try:
        for number, part in enumerate(_leaves(mail), start=1):
            name = file_name_of(part)
            if not _is_attachment(part, name):
                continue
            data = _content(part)
            is_inline = part.get_content_disposition() == "inline" or "Content-ID" in part
            # A file without content is told to its sender; a part that is not even named is none.
            if not (data or name) or (is_inline and is_picture(data)) or name.startswith(LOCK_PREFIX):
                continue
            found.append(File(name or f"附件{number}", data, f"{number}/{name or f'附件{number}'}"))
    except (MessageError, ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        raise UnusableMailError("mail_unreadable") from error
    reports, put_aside = choose_reports(found)
    if not reports:
        names = "、".join(file.name for file in found)
        raise UnusableMailError("mail_without_report", f"（只有{names}）" if names else "")
    return Attachments(tuple(reports), tuple(put_aside))

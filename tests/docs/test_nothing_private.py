"""No tracked file holds what must not be handed on: contact persons, places on a machine, package indexes."""

from __future__ import annotations

import hashlib
import re

from tests.docs.reading import text_files

#: SHA-256 of the names, numbers and address of the contact persons that the published document gives.
CONTACTS = {
    "205cda9d2041bc8c0d13e9cd4ad783f708a26aaca4738a32f4db38f769bebe16",
    "334b664c843fbb189a75ba9448bf15033e0cde6f927bb41440c135e4d8467ee6",
    "af04515da985157e4a24befb44655a0ab5a4084ca4450b627f3a811c9aa2d1f9",
    "6a4eb257ba77aaff24cd68cb9138d82a85f52a19e6e6e4e9df66b6f0fcf1ea93",
    "1b16186a9f88c3e50b82b7df216ad2ca6d809f08c4bc4a3f21beef7e027b34ee",
    "9f2713b0485fdf823653fc48ee9d0ffe6c6beef482bd4f5816b92f48e6725ab8",
}
#: The same numbers of characters as those that are hidden: two Chinese signs, or a run of digits.
CHINESE_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
DIGITS = re.compile(r"\d[\d-]{6,}\d")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
MACHINE_PATH = re.compile(r"(?<![\w./}-])/(?:work|root|tmp|home|Users)/\w")
PACKAGE_INDEX = re.compile(
    r"(?<!emit-)\bindex[-_]url|\bfind[-_]links\s*=|https?://[^/\s]*(?:py[p]i|python[h]osted|npm[j]s)"
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def candidates(text: str) -> set[str]:
    """Every piece of a text that could be one of the contacts."""
    numbers = {number for run in DIGITS.findall(text) for number in (run, run.replace("-", ""), run.split("-")[-1])}
    return {*CHINESE_PAIR.findall(text), *numbers, *MAIL.findall(text)}


def test_there_are_files_to_look_at() -> None:
    names = {name for name, _ in text_files()}
    assert {"README.md", "Makefile", "docs/document.zh.txt", "requirements/base.txt"} <= names


def test_no_file_names_the_contact_persons_of_the_document() -> None:
    found = [name for name, text in text_files() if {digest(one) for one in candidates(text)} & CONTACTS]
    assert found == []


def test_no_file_names_a_place_on_a_machine() -> None:
    found = [(name, match[0]) for name, text in text_files() if (match := MACHINE_PATH.search(text))]
    assert found == []


def test_no_file_names_a_package_index() -> None:
    found = [(name, match[0]) for name, text in text_files() if (match := PACKAGE_INDEX.search(text))]
    assert found == []


def test_what_is_looked_for_would_be_found() -> None:
    assert {"张三", "12345678", "020-12345678", "a@b.cn"} <= candidates("联系人：张三，电话020-12345678，a@b.cn")
    assert MACHINE_PATH.search("cd " + "/" + "root/x")
    assert MACHINE_PATH.search('path = "' + "/" + 'home/someone"')
    assert not MACHINE_PATH.search("xl/worksheets/sheet1.xml and ${x}/tmp/y")
    assert PACKAGE_INDEX.search("--index" + "-url x")
    assert not PACKAGE_INDEX.search("--no-emit-index-url")

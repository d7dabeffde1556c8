"""The register of units holds every unit and nothing that is no unit; the data files fit the forms."""

from __future__ import annotations

import pickle

import pytest

from ingest.forms import load_forms
from ingest.registers import unit_level
from ingest.settings import checks
from ingest.values import parser_for
from tests.support.workbooks import REGISTERS


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("44", "广东省"),
        ("4401", "广州市"),
        ("440103", "荔湾区"),
        ("4419", "东莞市"),
        ("11", "北京市"),
        ("110101", "东城区"),
        ("4403X1", "大鹏新区"),
    ],
)
def test_units_of_every_level_are_known(code: str, name: str) -> None:
    assert REGISTERS.unit_names[code] == name


@pytest.mark.parametrize(
    "code", ["441900", "442000", "620201", "1101", "1102", "3101", "5002", "4290", "6590", "", "9999"]
)
def test_what_is_no_unit_is_not_in_the_register(code: str) -> None:
    assert code not in REGISTERS.unit_names


def test_a_unit_that_was_renamed_has_its_latest_name() -> None:
    assert all(name for name in REGISTERS.unit_names.values())
    assert {unit_level(code) for code in REGISTERS.unit_names} == {"province", "city", "district", "street"}


def test_loaded_registers_travel_to_the_child_whole() -> None:
    copy = pickle.loads(pickle.dumps(REGISTERS.load_all()))  # noqa: S301
    assert "unit_names" in vars(copy)
    assert copy.unit_names == REGISTERS.unit_names
    assert copy.community_codes == REGISTERS.community_codes


def test_the_checks_name_only_fields_that_exist() -> None:
    forms = load_forms()
    for part in ("date_pairs", "register_keys", "event_dates"):
        for form_code, entities in checks()[part].items():
            for entity, names in entities.items():
                sheet = forms[form_code].sheet(entity)
                for name in [names] if isinstance(names, str) else names:
                    for one in [name] if isinstance(name, str) else name:
                        assert callable(parser_for(sheet.field(one)))


def test_every_register_has_a_key_and_every_event_with_a_date_is_held_against_the_period() -> None:
    for form in load_forms().values():
        for sheet in form.sheets:
            if sheet.layout == "register":
                assert sheet.entity in checks()["register_keys"][form.code]
            if sheet.layout == "event" and any(field.type == "date" for field in sheet.fields):
                assert sheet.entity in checks()["event_dates"][form.code]


def test_every_start_with_an_end_is_a_pair_of_dates() -> None:
    for form in load_forms().values():
        for sheet in form.sheets:
            names = {field.name for field in sheet.fields}
            if {"start_on", "end_on"} <= names:
                assert ["start_on", "end_on"] in checks()["date_pairs"][form.code][sheet.entity]

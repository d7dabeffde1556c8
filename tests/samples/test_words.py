"""Invented names and codes."""

from __future__ import annotations

import pytest

from samples.words import Namer, check_digit, credit_code, source


# Worked examples of the standard, not codes of real organisations.
@pytest.mark.parametrize("code", ["91350100M000100Y43"])
def test_the_check_digit_is_that_of_the_standard(code: str) -> None:
    assert check_digit(code[:-1]) == code[-1]


def test_invented_credit_codes_are_well_formed() -> None:
    rng = source("codes")
    codes = [credit_code(rng, "91", "440103") for _ in range(200)]
    assert all(len(code) == 18 and code.startswith("91440103") and check_digit(code[:17]) == code[17] for code in codes)
    assert len(set(codes)) == len(codes)


def test_no_name_is_given_twice() -> None:
    namer = Namer(source("names"))
    names = [namer.person() for _ in range(500)]
    assert len(set(names)) == len(names)

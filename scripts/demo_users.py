"""Users to look at the sample with: one of each role, with a temporary password that is printed once.

    python -m scripts.demo_users

Only where the pseudonyms come from the key of a sample: a home with reports of real people gets no such users.
"""

from __future__ import annotations

import sys

from ingest.home import Home
from ingest.registers import Registers, unit_level
from portal.documents.render import variables
from portal.documents.store import Documents
from portal.scopes import Scopes, roles
from portal.settings import load_settings
from portal.users import UserError, Users, generated_password
from warehouse.instants import utc_now
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR


def _units(home: Home) -> dict[str, str]:
    """A unit of each level that has figures, from the country down."""
    documents, country = Documents(home), variables()["country_code"]
    found, code = {"country": country}, country
    while (read := documents.of(code)) and (children := read[0].get("children")):
        # The child with the most below it shows the most.
        code = max(
            children, key=lambda one: (len((documents.of(one["code"]) or [{}])[0].get("children", [])), one["code"])
        )["code"]
        found.setdefault(unit_level(code) or "", code)
    return found


def main() -> int:
    """Make the users that are not there yet; 2 in a home that is no sample's."""
    home = Home.from_environment()
    if not home.has_sample_key():
        sys.stdout.write("no users to look around with: this home holds no sample (jiedao user add …)\n")
        return 2
    users, names = Users(home.users, load_settings()), Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names
    scopes, units = Scopes(home.users), _units(home)
    for role, facts in roles().items():
        level = next((level for level in facts["levels"] if level in units), None)
        if level is None:
            continue
        name, unit, password = f"demo-{role}", units[level], generated_password()
        try:
            users.add(name, password, is_temporary=True, now=utc_now())
        except UserError:
            password = f"as before; a new one: jiedao user password {name} --generate"
        scopes.grant(name, role, unit, level=level, now=utc_now(), by="make portal")
        sys.stdout.write(f"{name:15} {facts['name_zh']}　{names.get(unit, variables()['country_name'])}　{password}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

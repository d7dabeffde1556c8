"""The account that sets Superset up: its password is made once, lies in the home, and holds whatever was set in Superset."""

from __future__ import annotations

from dashboards.roles import ACCOUNT, ADMIN
from ingest.home import Home, write_once
from portal.users import generated_password


def password_of(home: Home) -> str:
    """The password, made on first use (mode 0600)."""
    path = home.root / "secret" / "superset_operator.password"
    write_once(path, generated_password().encode())
    return path.read_text(encoding="utf-8").strip()


def main() -> None:
    """Make the account, or give it its password again."""
    from superset.app import create_app

    app = create_app()
    password = password_of(Home.from_environment())
    with app.app_context():
        manager = app.appbuilder.sm
        role = manager.find_role(ADMIN)
        user = manager.find_user(username=ACCOUNT)
        if user is None:
            manager.add_user(ACCOUNT, "jiedao", ACCOUNT, f"{ACCOUNT}@localhost", role, password=password)
        else:
            user.active = True
            user.roles = [role]
            manager.update_user(user)
            manager.reset_password(user.id, password)


if __name__ == "__main__":
    main()

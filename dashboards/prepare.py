"""Put the account and what lies in ``assets/`` into Superset's database, over what is there; may run at any time.

``superset import-directory`` would do for the assets, but leaves the queries of charts without their dataset, and ends
well on a file that it does not understand.
"""

from __future__ import annotations

from dashboards.account import keep_account, password_of
from dashboards.assets import ASSETS
from ingest.home import Home


def main() -> None:
    """Take the account and the assets in; raises what Superset raises on an asset that it does not understand."""
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.utils.core import override_user

        user = keep_account(app.appbuilder.sm, password_of(Home.from_environment()))
        files = {str(path.relative_to(ASSETS)): path.read_text(encoding="utf-8") for path in ASSETS.rglob("*.yaml")}
        with override_user(user):
            ImportAssetsCommand(files).run()


if __name__ == "__main__":
    main()

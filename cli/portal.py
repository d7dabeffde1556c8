"""``jiedao portal``: the pages for streets and officials."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from cli.output import tell_progress
from ingest.home import Home


def portal(
    host: Annotated[str, typer.Option(help="Address to listen on; leave it, and put a proxy with TLS in front.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8090,
) -> None:
    """Serve the pages: hand in a report, see what is wrong, fetch marked workbook and receipts, look at the figures."""
    import uvicorn

    from portal.app import create_app
    from portal.documents.render import render
    from portal.settings import load_settings, needs_https
    from warehouse.ask import NothingPublishedError

    with suppress(NothingPublishedError):
        render(Home.from_environment())
    app = create_app(Home.from_environment(), load_settings(is_secure=needs_https(host)))
    tell_progress(f"http://{host}:{port}/ (end with Ctrl-C)")
    # No access log: it would hold addresses of people.
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)

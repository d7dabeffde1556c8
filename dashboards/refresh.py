"""After a publish: have Superset ask every chart once, so that the first look is answered from its cache.

Nothing has to be emptied: the cache knows the build (`dashboards.published`). A Superset that is not set up is passed
over, one that is down is told and no more; it shows the new build all the same once it runs.
"""

from __future__ import annotations

import httpx

from dashboards.account import password_of
from dashboards.rest import RefusedError, Superset
from ingest.home import Home


def refresh_dashboards(home: Home) -> str:
    """Warm the cache of the Superset of this home; says what was done, empty without a Superset."""
    address = home.root / "superset" / "address"
    if not address.exists():
        return ""
    try:
        with Superset(address.read_text(encoding="utf-8").strip(), password_of(home)) as superset:
            charts = [int(chart["id"]) for chart in superset.all("/api/v1/chart/")]
            results = [
                result
                for chart in charts
                for result in superset.ask("PUT", "/api/v1/chart/warm_up_cache", json={"chart_id": chart})["result"]
            ]
    except (RefusedError, httpx.HTTPError) as error:
        return f"the dashboards were not warmed ({error}); Superset shows the new build all the same once it answers"
    failed = [result["chart_id"] for result in results if result["viz_error"]]
    told = f"{len(results) - len(failed)} charts warmed"
    return f"{told}, {len(failed)} without an answer ({failed[0]}: see superset/superset.log)" if failed else told

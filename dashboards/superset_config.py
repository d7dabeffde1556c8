"""Settings of Superset: the home's state, one language for its readers, nothing from outside, nothing kept open.

Superset imports this file by ``SUPERSET_CONFIG_PATH``; ``scripts/superset`` sets it.
"""

from __future__ import annotations

import os
from copy import deepcopy
from datetime import timedelta
from typing import Any

from sqlalchemy.engine.url import URL
from sqlalchemy.pool import NullPool

from dashboards.assets import load
from dashboards.published import path_of_build
from dashboards.sessions import end_old_sessions
from dashboards.sign_in import HomeSecurityManager
from ingest.home import Home, write_once
from portal.settings import load_settings

_HOME = Home.from_environment()
_FOLDER = _HOME.root / "superset"
_PORTAL = load_settings()
_KEY_VARIABLE, _KEY_FILE = "JIEDAO_SUPERSET_KEY", _HOME.root / "secret" / "superset.key"

write_once(_KEY_FILE, os.urandom(42).hex().encode())
SECRET_KEY = os.environ.get(_KEY_VARIABLE) or _KEY_FILE.read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_FOLDER / 'metadata.db'}?check_same_thread=false"
SQLALCHEMY_ENGINE_OPTIONS = {"poolclass": NullPool, "connect_args": {"timeout": 30}}
DATA_DIR = str(_FOLDER)

APP_NAME = "街道团建数据分析"
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}

CUSTOM_SECURITY_MANAGER = HomeSecurityManager
AUTH_ROLE_PUBLIC = "Public"
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = int(timedelta(minutes=_PORTAL.session_longest_minutes).total_seconds())
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "200 per second"
RATELIMIT_STORAGE_URI = "memory://"
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "30 per minute"
PERMANENT_SESSION_LIFETIME = timedelta(minutes=_PORTAL.session_idle_minutes)
JWT_ACCESS_TOKEN_EXPIRES = timedelta(minutes=_PORTAL.session_idle_minutes)
SESSION_COOKIE_NAME = "jiedao_superset"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("JIEDAO_SUPERSET_URL", "").startswith("https://")

FEATURE_FLAGS = {
    "RLS_IN_SQLLAB": True,
    "ALLOW_ADHOC_SUBQUERY": False,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALERT_REPORTS": False,
    "THUMBNAILS": False,
}
PREVENT_UNSAFE_DB_CONNECTIONS = True
ALLOW_FULL_CSV_EXPORT = False
SQLLAB_TIMEOUT = 60
SUPERSET_WEBSERVER_TIMEOUT = 60
SQL_MAX_ROW = 100_000
ROW_LIMIT = 10_000

TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": SESSION_COOKIE_SECURE,
    "frame_options": "DENY",
    "referrer_policy": "same-origin",
}
DOCUMENTATION_URL = None
BUG_REPORT_URL = None
TROUBLESHOOTING_LINK = ""
PERMISSION_INSTRUCTIONS_LINK = ""


def _cache(name: str, seconds: int) -> dict[str, Any]:
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(_FOLDER / "cache" / name),
        "CACHE_THRESHOLD": 5_000,
        "CACHE_DEFAULT_TIMEOUT": seconds,
    }


_DAY = 24 * 60 * 60
CACHE_CONFIG = _cache("pages", 60)
FILTER_STATE_CACHE_CONFIG = _cache("filters", 90 * _DAY)
EXPLORE_FORM_DATA_CACHE_CONFIG = _cache("explore", 7 * _DAY)
DATA_CACHE_CONFIG = {**_cache("data", _DAY), "CACHE_TYPE": "dashboards.published.BuildCache"}

FLASK_APP_MUTATOR = end_old_sessions


#: The same for every connection, as DuckDB demands of those to one file.
_SEALED = load("databases")[0]["extra"]["engine_params"]["connect_args"]


def DB_CONNECTION_MUTATOR(  # noqa: N802 - Superset's name
    uri: URL, options: dict[str, Any], *_: Any
) -> tuple[URL, dict[str, Any]]:
    """Whatever a connection says: the published file, sealed and read-only, closed after each use."""
    if uri.get_backend_name() == "duckdb":
        uri = uri.set(database=str(path_of_build(_HOME)))
        options = {**options, "poolclass": NullPool, "connect_args": deepcopy(_SEALED)}
    return uri, options

"""Where the project's own files lie: the dbt project, the rule book's seeds and the reference data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ingest.issues import CATALOGUE_FILE, HANDLING_FILE

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
RULEBOOK_DIR = DBT_PROJECT_DIR / "seeds" / "rulebook"
REFERENCE_DIR = PROJECT_ROOT / "reference"

_MODEL_SUFFIXES = (".sql", ".yml", ".csv")


def hash_files(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents of ``paths``, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def rulebook_hash() -> str:
    """Identity of the rule book's data."""
    return hash_files(RULEBOOK_DIR.glob("*.csv"))


def _model_files(folders: Iterable[str]) -> list[Path]:
    models = (
        path for folder in folders for path in (DBT_PROJECT_DIR / folder).rglob("*") if path.suffix in _MODEL_SUFFIXES
    )
    return [*models, DBT_PROJECT_DIR / "dbt_project.yml"]


def reference_files() -> list[Path]:
    """The administrative hierarchy and its changes."""
    return sorted(path for path in REFERENCE_DIR.iterdir() if path.suffix in (".csv", ".parquet"))


def model_hash() -> str:
    """Identity of what shapes the warehouse: models, macros, seeds, reference data and the catalogue of findings."""
    return hash_files([*_model_files(("macros", "models", "seeds")), *reference_files(), CATALOGUE_FILE, HANDLING_FILE])


def code_hash() -> str:
    """Identity of what shapes results beside inputs, rule book and reference data: models, macros, judging, forms."""
    judging = (path for path in (PROJECT_ROOT / "expectations").iterdir() if path.suffix in (".py", ".csv"))
    forms = (PROJECT_ROOT / "ingest" / "forms").glob("*.csv")
    return hash_files([*_model_files(("macros", "models")), *judging, *forms])

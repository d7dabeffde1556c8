"""Airflow reads its settings when it is imported: give it a home of the test's own first."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-test-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{os.environ['AIRFLOW_HOME']}/airflow.db"
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"

# Airflow puts the DAGs folder on the path when it loads it.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dags"))

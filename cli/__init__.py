"""The ``jiedao`` command: a thin face on the functions that Airflow runs too."""

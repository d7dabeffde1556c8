"""Apache Superset on the published warehouse: its settings, what it shows, and who sees which rows."""

"""Documents that are made from the project's own data, so that they cannot go stale unseen."""

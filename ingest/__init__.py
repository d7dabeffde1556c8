"""Bytes to rows and issues: receive, guard, read, check, land."""

"""Aggregates for everybody: counted by area or class of street, with small cells suppressed."""

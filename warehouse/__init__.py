"""Frozen inputs to a published warehouse: freeze, build, publish, and the questions asked of what was published."""

"""What leaves the warehouse as files: the marts of a scope, and aggregates for everybody."""

"""The published marts as one document per unit: rendered after each publish, read by the pages without a query."""

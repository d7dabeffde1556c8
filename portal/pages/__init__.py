"""The pages of the portal, one router for each purpose."""

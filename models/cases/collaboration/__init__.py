"""Joint deliberations and judicial supervision."""

"""Who and where: units, officers, sites."""

"""How things are kept: database, journal, projections, search, vault."""

"""The limits of a site's own permit, and what decides which limit comes first."""

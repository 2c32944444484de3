"""Communities, committees, grid patrols, complaints, mediation."""

"""What an object shows: kind, views and sides, geometry, energy, time, and what belongs together."""

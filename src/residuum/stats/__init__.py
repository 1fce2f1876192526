"""Arrays of times, counts and ratings: survival, competing risks, exact intervals, agreement."""

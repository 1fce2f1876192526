"""The same skeletal site over time: its states, where failures happen, the trial's view of it."""

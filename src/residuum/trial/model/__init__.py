"""What a design says of its patients: hazards, event-free survival, accrual, visits; computed without simulation."""

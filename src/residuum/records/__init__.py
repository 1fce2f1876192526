"""What can be said: closed lists, table schemas, settings, rule clauses, errors."""

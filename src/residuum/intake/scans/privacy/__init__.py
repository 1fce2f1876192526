"""What may enter a study: copies by whitelist, study codes in place of identities, and the key."""

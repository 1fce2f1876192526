"""What a committee asks: reach, assurance, what matters, search, what the available children can buy, verdict."""

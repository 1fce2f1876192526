"""Files in: the study folder and its dialects of CSV."""

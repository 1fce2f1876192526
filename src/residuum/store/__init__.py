"""The study in a database: its tables, its accounts, its audit trail, its backups."""

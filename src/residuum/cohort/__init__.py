"""Eligibility flow, declared endpoints, groups, follow-up: one study, every derived table."""

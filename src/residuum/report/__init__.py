"""Numbers first (one long table), then figures, wording and pages made from them."""

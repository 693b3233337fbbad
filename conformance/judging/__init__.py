"""What targets must do, and whether they do it: requirements, profiles, rules, verdicts."""

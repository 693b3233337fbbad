"""What is demanded, and whether it is kept: requirements, profiles, rules, the judge and its
verdicts."""

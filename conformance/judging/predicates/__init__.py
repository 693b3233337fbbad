"""Pure questions to the facts of an exchange, which rules and deviations share."""

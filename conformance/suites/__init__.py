"""The suites: what ``conformance run`` does, as pytest items. ``pytest --pyargs conformance.suites`` runs them from anywhere."""

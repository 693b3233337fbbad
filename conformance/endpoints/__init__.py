"""Endpoints: where a case is sent and an exchange comes back."""

"""The client for live servers, and the reference endpoint."""

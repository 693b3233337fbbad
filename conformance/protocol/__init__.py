"""What is on the wire: requests, responses, server-sent events, JSON text and JSON Schemas."""

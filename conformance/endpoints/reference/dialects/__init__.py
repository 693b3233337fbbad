"""How the servers that the endpoint stands in for write their answers and errors."""

"""Read recorded traffic: one module per file format."""

"""Remove credentials from traffic before it is written or shown."""

"""Take credentials out of traffic before it is written or shown."""

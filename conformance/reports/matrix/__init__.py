"""What each of several targets does with each requirement, from saved reports, as one table."""

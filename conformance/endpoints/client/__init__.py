"""Ask a live server: where it is, which credential it takes, how fast it may be asked, and what it
answered."""

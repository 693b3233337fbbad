"""What the commands do, a module each: effects at the rim, so that the command line itself starts quickly."""

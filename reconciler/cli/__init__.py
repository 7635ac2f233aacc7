"""One file a command; the only home of click, of the environment variables and of the clock."""

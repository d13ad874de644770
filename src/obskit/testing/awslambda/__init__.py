"""Lambda as a function meets it: its environment, the Runtime API, the real client, the level filter."""

"""Web pages on which people look at what was read and correct it, and the same as a REST API."""

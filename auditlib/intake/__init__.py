"""A file becomes raw sheets with origin, and these become typed ledgers and what could not be read."""

"""Values to pages and files: findings, sources and matches as tables, and HTML that opens without a network."""

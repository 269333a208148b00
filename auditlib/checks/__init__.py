"""One ledger against its expectations, and ledgers against each other; what comes out are cases, results and findings."""

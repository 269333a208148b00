"""The command line: parses words, calls one verb, shows what comes back."""

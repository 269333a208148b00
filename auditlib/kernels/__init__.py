"""Portable narwhals functions over any native lazy frame: whole numbers only, no parsing, no ledger by name."""

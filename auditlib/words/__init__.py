"""Terms, frozen records, messages and the few errors that are raised."""

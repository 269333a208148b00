"""The life of an issue: events that are only ever added, the register that keeps them, and what is read from them."""

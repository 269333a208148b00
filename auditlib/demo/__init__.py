"""A fictional county with books that balance and a known list of planted defects; stands beside the command line."""

from .writing import DEFAULT_SEED, DemoCounty, DemoError, write_demo

__all__ = ["DEFAULT_SEED", "DemoCounty", "DemoError", "write_demo"]

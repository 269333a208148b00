"""`python -m auditlib`."""

from .cli.main import main

main()

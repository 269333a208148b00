"""expectations/ read and checked into specs."""

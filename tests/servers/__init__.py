"""Real servers on loopback: PostgreSQL, Redis and mail. Each test process starts its own."""

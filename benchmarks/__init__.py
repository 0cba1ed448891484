"""What must be fast, beside its limits and its peers: ``python -m benchmarks``; README.md says how to read it."""

"""What the service is compared with: raw PostgreSQL, a bare web handler, other event stores; one module each."""

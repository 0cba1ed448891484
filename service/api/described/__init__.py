"""What the OpenAPI document says: operations, parameters, schemas, examples; ``catalogue`` lists every endpoint."""

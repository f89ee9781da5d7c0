"""Training in several processes, for real: these need JAX, and are skipped without it."""

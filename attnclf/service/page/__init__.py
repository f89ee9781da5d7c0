"""The page of the service, at `/`."""

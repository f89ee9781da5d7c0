"""Many files labelled by many workers: each file by one of them, whole or not at all."""

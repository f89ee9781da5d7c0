"""`tune`: which settings suit a table, found by trials on one split of it. Optuna proposes them; it is imported only here."""

"""From posts to a verdict on who wrote them: how an account's posts come together, and how well that does."""

"""A trained model behind HTTP, and its page: `attnclf serve`.

What needs FastAPI stands in modules that only `app` leads to, so that this package can be imported without the extra `serve`.
"""

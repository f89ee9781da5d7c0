"""Addresses of tables as they are shown and written: without passwords."""

import re

PASSWORD = re.compile(r"(://[^/@:\s]*:)([^/\s]+)(?=@)")  # of an address, behind the name of a user


def masked(text: str, address: str = "") -> str:
    """The text without the passwords of addresses in it, and without that of this `address`.

    >>> masked("http://ann:secret@host/posts.csv")
    'http://ann:***@host/posts.csv'
    """
    for found in PASSWORD.finditer(address):
        text = text.replace(f":{found[2]}@", ":***@")
    return PASSWORD.sub(r"\1***", text)

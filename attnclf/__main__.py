"""`python -m attnclf` is `attnclf`."""

from attnclf.cli import main

if __name__ == "__main__":
    main()

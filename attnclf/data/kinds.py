"""What a file is that holds no table which can be read, by its first bytes: the error then names it."""

from attnclf.errors import DataError

TABLES = (b"<table", b"<workbook")  # in HTML and XML that Excel opens, and that many programs call .xls
IN_EXCEL = "open it in Excel, and save it as .xlsx if it shows the table"
# The first bytes of a file: what it is, and what to do.
KINDS: dict[bytes, tuple[str, str]] = {
    b"%PDF": ("a PDF document", "save its table as CSV or as a workbook"),
    b"\x89PNG": ("a picture (PNG)", "a table of texts is needed"),
    b"\xff\xd8\xff": ("a picture (JPEG)", "a table of texts is needed"),
    b"GIF8": ("a picture (GIF)", "a table of texts is needed"),
    b"Rar!": ("a RAR archive", "unpack it first"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it first"),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
    b"ARROW1": ("an Arrow file (Feather)", "write it as Parquet"),
    b"ORC": ("an ORC file", "write it as Parquet"),
    b"Obj\x01": ("an Avro file", "write it as Parquet or JSON Lines"),
    b"\x89HDF": ("an HDF5 file", "write its table as Parquet or CSV"),
    b"\x93NUMPY": ("a NumPy array", "write it as CSV"),
    b"\x7fELF": ("a program", "a table of texts is needed"),
    b"MZ": ("a program", "a table of texts is needed"),
    b"\x80\x04\x95": ("a Python pickle", "write it as Parquet or CSV: a pickle can run code, and is never opened"),
    b"\x80\x05\x95": ("a Python pickle", "write it as Parquet or CSV: a pickle can run code, and is never opened"),
    b"RIFF": ("a sound or video file", "a table of texts is needed"),
    b"<!doctype html": ("an HTML page", "was a page saved in place of the table? download the file itself"),
    b"<html": ("an HTML page", "was a page saved in place of the table? download the file itself"),
    b"<table": ("an HTML page", IN_EXCEL),
    b"<?xml": ("an XML file", "convert it to CSV or JSON Lines"),
    b"{\\rtf": ("an RTF document", "save its table as CSV or as a workbook"),
    b"version https://git-lfs": ("a Git LFS pointer, not the file itself", "fetch the file: git lfs pull"),
}
TAR_AT, TAR = 257, b"ustar"


def refuse_what_holds_no_table(start: bytes, name: str) -> None:
    """Raises DataError, which says what the file is, where its first bytes are known to be those of something else."""
    shown = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    for magic, (what, advice) in KINDS.items():
        begins = shown.startswith(magic) if magic[:1] in b"<v{" else start.startswith(magic) and _is_binary(magic, start)
        if begins:
            may_be_table = name.lower().endswith((".xls", ".xlsx")) or any(tag in start.lower() for tag in TABLES)
            raise DataError(f"{name} is {what}", hint=IN_EXCEL if magic.startswith(b"<") and may_be_table else advice)
    if start[TAR_AT : TAR_AT + len(TAR)] == TAR:
        raise DataError(f"{name} is a tar archive", hint="unpack it first")


def _is_binary(magic: bytes, start: bytes) -> bool:
    """Texts may begin with "MZ" or "ORC", but hold no NUL."""
    return not magic.isascii() or len(magic) > 3 or b"\0" in start

"""Tables of texts: CSV and TSV read row by row, with an error that names the line for whatever cannot be read."""

from attnclf.data.accounts import by_account as by_account
from attnclf.data.accounts import joined as joined
from attnclf.data.columns import choose_columns as choose_columns
from attnclf.data.rows import DELIMITERS as DELIMITERS
from attnclf.data.rows import open_text as open_text
from attnclf.data.rows import read_lines as read_lines
from attnclf.data.rows import read_rows as read_rows
from attnclf.data.table import Table as Table
from attnclf.data.table import read_table as read_table
from attnclf.data.table import table_of as table_of

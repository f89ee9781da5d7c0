"""Tables of texts: which files, which columns, which rows; an error that names the line for whatever cannot be read."""

from attnclf.data.accounts import by_account as by_account
from attnclf.data.accounts import joined as joined
from attnclf.data.columns import choose_columns as choose_columns
from attnclf.data.columns import columns_in_words as columns_in_words
from attnclf.data.files import read_lines as read_lines
from attnclf.data.formats import format_named as format_named
from attnclf.data.formats import format_of as format_of
from attnclf.data.table import Table as Table
from attnclf.data.table import read_table as read_table
from attnclf.data.table import table_of as table_of

"""Tables of texts: which files, which columns, which rows; an error that names the line for whatever cannot be read."""

from attnclf.data.account_names import AccountNames as AccountNames
from attnclf.data.account_names import account_name as account_name
from attnclf.data.account_names import nameless_in_words as nameless_in_words
from attnclf.data.account_names import without_accounts as without_accounts
from attnclf.data.accounts import by_account as by_account
from attnclf.data.accounts import stand_together as stand_together
from attnclf.data.accounts import texts_of_accounts as texts_of_accounts
from attnclf.data.columns import Columns as Columns
from attnclf.data.columns import columns_of as columns_of
from attnclf.data.formats import format_of as format_of
from attnclf.data.frames import filled as filled
from attnclf.data.frames import joined_texts as joined_texts
from attnclf.data.frames import table_of as table_of
from attnclf.data.sources import sources_of as sources_of
from attnclf.data.table import FEW_ROWS as FEW_ROWS
from attnclf.data.table import Table as Table
from attnclf.data.table import read_table as read_table
from attnclf.data.texts import read_lines as read_lines

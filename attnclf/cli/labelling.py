"""How `predict` labels texts: what was asked for, apart from which texts and where to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnclf.cli.account_column import check_group_col
from attnclf.cli.answers import answers_of, check_accounts, judged_accounts
from attnclf.cli.forms import form_of
from attnclf.cli.inputs import open_source, trained_columns
from attnclf.cli.output import open_bytes
from attnclf.cli.screen import show_note
from attnclf.cli.whole_accounts import tell_names
from attnclf.cli.written import write_accounts, write_lines, write_table
from attnclf.config import DataConfig
from attnclf.data.formats import written_as
from attnclf.errors import UsageError
from attnclf.results import Note
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread

FORMS = ("text", "jsonl", "csv", "tsv", "parquet", "excel")


@dataclass(frozen=True)
class Labelling:
    """The options of `predict`: how tables are read, base rates, verdicts on accounts, and how answers are written.

    It can be pickled. `form` is one of FORMS, or "" for that of the output's name; `encoding` is that of CSV and TSV.
    """

    reading: DataConfig
    rates: Mapping[str, float]
    accounts: bool
    top_k: int
    form: str
    encoding: str

    def write(self, served: ServedModel, texts: Sequence[str], files: Sequence[str], output: Path | None) -> Unread:
        """Labels the texts, or those of the files, into `output`, or onto standard output. Counts the texts.

        Raises UsageError, DataError and ModelError.
        """
        served, unread = served.at(self.rates), Unread()
        columns, whole = trained_columns(served), served.classifies_accounts
        check_group_col(served, self.reading)
        group = served.bundle.config.data.group_col
        with open_source(texts, files, self.reading, columns, whole=whole, required=self.accounts) as source:
            named = written_as(output) if output else ""
            form = form_of(self.form, output, named, "csv" if source.columns else "text")
            if self.encoding and form not in ("csv", "tsv"):
                raise UsageError(f"--output-encoding is for CSV and TSV, and this writes {form}", hint="leave it out")
            if self.accounts:
                check_accounts(served, source)
            elif not served.knows_accounts and group and group in source.columns:
                show_note(Note("this model has no rule for accounts; only posts are labelled"))
            answers = answers_of(served, source, self.top_k, self.rates, unread)
            with open_bytes(output) as stream:
                if self.accounts:
                    judged = judged_accounts(served, source, self.rates, unread)
                    write_accounts(served, source, form, judged, stream, self.encoding)
                elif form in ("text", "jsonl"):
                    write_lines(answers, form, stream)
                else:
                    write_table(served, source, form, self.top_k, stream, answers, self.encoding)
            nameless = "each is judged by itself" if whole else "no verdict stands beside such a row"
            tell_names(source, "" if self.accounts else nameless)
        return unread

"""``jiedao shell``: a prompt on the published warehouse. Each statement sees one build, the one published by then."""

from __future__ import annotations

import re
import readline
import sys
from contextlib import ExitStack, suppress
from types import TracebackType

import duckdb

from cli.answers import TABLE_ROWS, watch
from cli.output import print_table, say, tell_progress
from ingest.home import Home
from warehouse.ask import Limits, QueryFailedError, Question, open_limited
from warehouse.catalogue import marts

PROMPT, MORE = "jiedao> ", "   ...> "
HISTORY_LENGTH = 2_000
HELP = """\
A statement ends with ; and may have several lines. The TAB key completes tables and columns, Ctrl-C stops a statement.
.tables [word]     tables, or those with the word in their names
.schema TABLE      columns of a table, with type, label and meaning
.build             the build that is published
.help              this
.exit              leave (or Ctrl-D)"""
KEYWORDS = """
select distinct from where group order by having limit join left inner using on as and or not in is null like between
case when then else end with union all count sum avg min max round coalesce filter over partition describe summarize
desc asc
"""
#: What may hold a semicolon or a quote that ends nothing: texts, names in quotes, comments.
_LITERALS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$\$.*?\$\$", re.DOTALL)
_OPEN = re.compile(r"['\"]|/\*|\$\$")


def is_complete(text: str) -> bool:
    """Whether the text ends its last statement: with a semicolon outside of texts and comments."""
    rest = _LITERALS.sub("", text)
    return rest.rstrip().endswith(";") and not _OPEN.search(rest)


class Shell:
    """The prompt; open it with ``with``. Raises NothingPublishedError, and QueryFailedError for odd limits."""

    def __init__(self, home: Home, limits: Limits) -> None:
        """Ask in ``home`` within ``limits``."""
        self._home = home
        self._limits = limits
        self._history = home.root / "shell_history"
        self._is_terminal = sys.stdin.isatty()
        self._stack = ExitStack()
        self._seen: tuple[int, int] | None = None
        self._waiting = ""
        self._has_failed = False
        self._words: list[str] = []
        self._found: list[str] = []

    def __enter__(self) -> Shell:
        """Open the published file, and the history when somebody types."""
        self._reopen()
        if self._is_terminal:
            with suppress(OSError):  # nobody has typed here before
                readline.read_history_file(self._history)
            readline.set_history_length(HISTORY_LENGTH)
            readline.set_completer(self.complete)
            readline.set_completer_delims(" \t\n,;()=<>+-*/")
            is_libedit = "libedit" in (readline.__doc__ or "")
            readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file and keep the history, for its owner only."""
        self._stack.close()
        if self._is_terminal:
            with suppress(OSError):  # a reader may not write into the home: then there is no history
                self._history.touch(mode=0o600)
                readline.write_history_file(self._history)

    def run(self) -> bool:
        """Read and answer until the end; whether any statement failed."""
        if self._is_terminal:
            say(f"Build {self._build_id()}, read-only. End statements with ; and ask .help for more.")
        while True:
            try:
                if not self._take_line():
                    return self._has_failed
            except KeyboardInterrupt:
                self._waiting = ""
                tell_progress("")

    def _take_line(self) -> bool:
        """Read a line and answer what it ends; False at the end of all."""
        prompt = MORE if self._waiting else PROMPT
        try:
            line = input(prompt if self._is_terminal else "")
        except EOFError:
            if self._is_terminal:
                say("")
            elif self._waiting.strip():
                self._answer(self._waiting)
            return False
        if not self._waiting and line.strip().startswith("."):
            return self._command(line.strip())
        self._waiting = f"{self._waiting}\n{line}" if self._waiting else line.lstrip()
        if is_complete(self._waiting):
            text, self._waiting = self._waiting, ""
            self._answer(text)
        return True

    def complete(self, text: str, state: int) -> str | None:
        """The ``state``-th word that goes on from ``text``, as readline asks for it."""
        if state == 0:
            wanted = text.lower()
            self._found = [word for word in self._words if word.lower().startswith(wanted)]
        return self._found[state] if state < len(self._found) else None

    def _reopen(self) -> None:
        """Open the published file, unless it is the one that is open."""
        found = self._home.published.stat() if self._home.published.exists() else None
        now = (found.st_ino, found.st_mtime_ns) if found else None
        if self._seen is not None and now == self._seen:
            return
        is_first = self._seen is None
        self._stack.close()
        self._connection = self._stack.enter_context(open_limited(self._home, self._limits))
        self._seen = now
        columns = self._connection.execute(
            "select distinct column_name from duckdb_columns() where not internal order by 1"
        ).fetchall()
        self._words = sorted(
            {*self._tables(), *(name for (name,) in columns), *KEYWORDS.split(), ".tables", ".schema", ".build"}
        )
        if not is_first:
            tell_progress(f"build {self._build_id()} is published now; temporary tables of the one before are gone")

    def _build_id(self) -> str:
        row = self._connection.execute("select build_id from meta.build").fetchone()
        return str(row[0]) if row else ""

    def _tables(self, word: str = "") -> list[str]:
        rows = self._connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal union all "
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
        return sorted(
            (name for (name,) in rows if word in name), key=lambda name: (not name.startswith("marts."), name)
        )

    def _command(self, line: str) -> bool:
        name, _, argument = line.partition(" ")
        if name in (".exit", ".quit"):
            return False
        self._reopen()
        if name == ".tables":
            print_table(("table",), [(table,) for table in self._tables(argument.strip().lower())])
        elif name == ".schema" and argument.strip():
            self._show_schema(argument.strip().rstrip(";"))
        elif name == ".build":
            self._answer("select * from meta.build")
        elif name == ".help":
            say(HELP)
        else:
            tell_progress(f"{line} is no command here\n{HELP}")
        return True

    def _show_schema(self, wanted: str) -> None:
        bare = wanted.split(".")[-1]
        rows = self._connection.execute(
            "select schema_name, column_name, data_type from duckdb_columns() "
            "where table_name = $1 and $2 in (table_name, schema_name || '.' || table_name) order by column_index",
            [bare, wanted],
        ).fetchall()
        if not rows:
            self._answer(f"describe {wanted}")
            return
        mart = marts().get(bare) if rows[0][0] == "marts" else None
        known = {column.name: column for column in mart.columns} if mart else {}
        told = [
            (
                name,
                kind,
                known[name].label_zh if name in known else "",
                known[name].description if name in known else "",
            )
            for _, name, kind in rows
        ]
        print_table(("column", "type", "label", "meaning"), told)

    def _answer(self, text: str) -> None:
        """Run the statements of ``text`` one after another, up to the first that fails."""
        try:
            self._reopen()
            for statement in duckdb.extract_statements(text):
                with watch() as on_progress:
                    question = Question(
                        self._connection, statement, seconds=self._limits.seconds, on_progress=on_progress
                    )
                    rows = [row for piece in self._first(question) for row in piece]
                print_table(question.columns, rows[:TABLE_ROWS])
                is_cut = len(rows) > TABLE_ROWS
                say(f"(the first {TABLE_ROWS} rows; `jiedao query` gives all)" if is_cut else f"({len(rows)} rows)")
        except (QueryFailedError, duckdb.Error) as error:
            tell_progress(str(error))
            self._has_failed = True
        except KeyboardInterrupt:
            tell_progress("stopped")

    @staticmethod
    def _first(question: Question) -> list[list[tuple[object, ...]]]:
        """As many pieces of an answer as a person looks at."""
        found, count = [], 0
        for piece in question.pieces():
            found.append(piece)
            count += len(piece)
            if count > TABLE_ROWS:
                break
        return found

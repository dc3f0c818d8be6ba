"""dbt's cross-database macros as sqlfluff sees them: SQL of their shape, not of their sense."""

from collections.abc import Callable


def __getattr__(name: str) -> Callable[..., str]:
    """`dbt.<name>(a, b)` → `<name>(a, b)`, a call like any other."""
    if name.startswith("__"):
        raise AttributeError(name)
    if name.startswith("type_"):
        return lambda: "text"
    return lambda *arguments, **_: f"{name}({', '.join(map(str, arguments))})"


def date_spine(part: str, *_: str) -> str:
    """The only one that is a query."""
    return f"select date_{part} from spine"


def listagg(measure: str, delimiter: str, *_: str) -> str:
    """Its third argument is a clause."""
    return f"listagg({measure}, {delimiter})"


def string_literal(text: str) -> str:
    """A quoted text."""
    return f"'{text}'"


def escape_single_quotes(text: str) -> str:
    """Text with its quotes doubled."""
    return text.replace("'", "''")

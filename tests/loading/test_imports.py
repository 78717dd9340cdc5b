"""What importing costs: nothing heavy, until it is used."""

import subprocess
import sys

import pytest

HEAVY = "pandas pyarrow numpy PIL fsspec aiohttp requests lxml frictionless jinja2 rich polars duckdb torch"


def loaded_after(code: str) -> set[str]:
    code = f"import sys; {code}; print(*[name for name in {HEAVY.split()} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert loaded_after("import dontspy_data; dontspy_data.__version__") == set()


def test_load_is_a_function_whatever_was_imported_before() -> None:
    code = "import dontspy_data as dd, dontspy_data.targets.target; assert callable(dd.load) and dd.load is dd.load"
    loaded_after(code)


def test_a_first_table_loads_what_it_needs_and_no_more() -> None:
    found = loaded_after("import dontspy_data as dd; dd.load('sample').meps")
    assert found == {"pandas", "pyarrow", "numpy"}


def test_the_public_names_are_there() -> None:
    import dontspy_data as dd

    assert {"load", "open_package", "OpenDataFaces", "DontspyError"} <= set(dir(dd))
    assert all(getattr(dd, name) is not None for name in dd.__all__)
    with pytest.raises(AttributeError, match="'unload'"):
        dd.unload  # noqa: B018

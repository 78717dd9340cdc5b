"""Build the bundled sample capture into the bundled sample package: `python -m scripts.pack_sample`.

The extra `faces` must be installed, since the package is to have all tables filled.
"""

from dontspy_data import sample
from dontspy_data.pipeline.build import build_package


def main() -> None:
    """Write `dontspy_data/sample/package`."""
    built = build_package([sample.path()], sample.package_path(), faces=True)
    print(f"{built.folder}: {built.summary()}")


if __name__ == "__main__":
    main()

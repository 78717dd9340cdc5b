"""Draw the gallery of the README from the bundled sample: `python -m scripts.readme_gallery`."""

from pathlib import Path

import dontspy_data as dd

OUTPUT = Path(__file__).parent.parent / "docs" / "images" / "gallery.png"
SHOWN = tuple(range(9000001, 9000007))


def main() -> None:
    """Draw the gallery anew."""
    sheet = dd.load("sample").gallery(SHOWN).sheet()
    sheet.quantize(256).save(OUTPUT, optimize=True)
    print(OUTPUT)


if __name__ == "__main__":
    main()

"""Other forms of a package: card, Croissant, RO-Crate, DCAT, DataCite, CFF, SQLite, spreadsheet, bundles."""

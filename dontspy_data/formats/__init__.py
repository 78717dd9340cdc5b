"""Every other description of a package: card, Croissant, RO-Crate, DCAT, DataCite, CFF, SQLite, bundles."""

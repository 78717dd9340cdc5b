"""The terms that every room uses: statements, codes, schemas, withdrawals and problems."""

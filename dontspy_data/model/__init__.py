"""What every room speaks: statements, codes, schemas, withdrawals and problems."""

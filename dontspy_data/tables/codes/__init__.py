"""Codes: countries, political groups and parliamentary terms, as data files beside this module.

A value that is in none of them is an error that says where to add it, never a guess.
"""

"""Portraits: what can be said of a picture from its bytes alone, and the rows that follow.

`describe` measures one picture, `engine` describes many at once, `rows` turns the results into table rows.
"""

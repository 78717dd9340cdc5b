"""Portraits: what a picture's bytes alone tell about it, and the rows that follow.

`describe` measures one picture, `engine` describes many at once, `rows` turns the results into table rows.
"""

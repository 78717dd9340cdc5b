"""The site: static pages about a release, made for people, that any file server can host.

A package goes in; a folder comes out, with the package itself in `package/` and pages around it. The modules
follow that way: `material` reads, `people` and its neighbours give view models, `pages` fills templates, `build`
puts the folder together.
"""

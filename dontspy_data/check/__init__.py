"""Is a package whole and valid, and what should a maintainer look at?"""
